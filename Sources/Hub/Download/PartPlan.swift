/// Decides which part of a file is fetched next: parts in their order, and none so far ahead of the bytes that are written
/// that more than so many would have to be kept in memory.
package struct PartPlan: Sendable {
    private let size: Int
    private let partBytes: Int
    private let parallel: Int
    /// The first byte that no part has.
    private var next: Int

    /// - Parameters:
    ///   - start: the first byte that is to come
    ///   - size: bytes of the whole
    package init(start: Int, size: Int, partBytes: Int, parallel: Int) {
        (next, self.size) = (start, size)
        (self.partBytes, self.parallel) = (max(1, partBytes), max(1, parallel))
    }

    /// The next part; nil if there is none, or none yet.
    ///
    /// - Parameter written: bytes from the start of the file that are written
    package mutating func take(written: Int) -> Range<Int>? {
        guard next < size, next - written < partBytes * parallel else { return nil }
        let part = next..<min(size, next + partBytes)
        next = part.upperBound
        return part
    }
}
