#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bytes of a file in memory.
package final class FileContents: @unchecked Sendable {
    // Safe to share: nobody writes to the memory after the initializer.
    private let bytes: UnsafeRawBufferPointer

    /// Reads a range of a file.
    package init(of file: InputFile, _ range: Range<Int>) throws(FileError) {
        guard let start = malloc(max(1, range.count)) else {
            let system = String(cString: strerror(errno))
            throw FileError(.outOfMemory, file.path, "needs \(range.count) bytes of memory to be read: \(system)")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: range.count)
        try file.read(
            at: range.lowerBound, into: UnsafeMutableRawBufferPointer(start: start, count: range.count))
    }

    /// The number of bytes.
    package var count: Int { bytes.count }

    /// Lends the bytes.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    deinit { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
}
