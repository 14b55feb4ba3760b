import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Huge pages that storages share which are too small for pages of their own, or would end far from the end of one.
///
/// Processors fetch ahead no further than to the end of a page, and look up the address of each: in pages of 4 KB, the
/// small matrices of a model would be read at a part of the memory's pace.
final class SharedPages: @unchecked Sendable {
    // Safe to share: `used` is touched under the lock of `current` alone.

    /// The most bytes of a share.
    static let largestShare = 16 << 20

    private static let size = 64 << 20
    private static let current = Mutex(Current())

    /// Those of which shares are taken, as long as somebody has one.
    private struct Current {
        weak var pages: SharedPages?
    }

    private let memory: MappedMemory
    private var used = 0

    private init(leaving reserve: Int) throws(ResourceError) {
        memory = try MappedMemory(bytes: Self.size, leaving: reserve)
    }

    /// Takes a share, which is zero; nil if it would be too large, or the system has no memory for more pages.
    ///
    /// - Parameter reserve: bytes that have to be left when pages are taken from the system
    static func share(of bytes: Int, leaving reserve: Int) -> (pages: SharedPages, start: UnsafeMutableRawPointer)? {
        guard bytes <= largestShare else { return nil }
        return current.withLock { current in
            if let pages = current.pages, let start = pages.take(bytes) { return (pages, start) }
            guard let pages = try? SharedPages(leaving: reserve), let start = pages.take(bytes) else { return nil }
            current.pages = pages
            return (pages, start)
        }
    }

    private func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard bytes <= memory.bytes - used else { return nil }
        defer { used += bytes }
        return memory.start + used
    }

    /// Gives the memory of a share back to the system. Its addresses are not used again.
    func release(_ start: UnsafeMutableRawPointer, bytes: Int) { madvise(start, bytes, MADV_DONTNEED) }
}
