#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Memory straight from the system: zero without being touched, on huge pages where the system has them, and given back
/// as soon as it is let go.
final class MappedMemory: @unchecked Sendable {
    // Safe to share: the address of memory that others divide up.
    let start: UnsafeMutableRawPointer
    /// A multiple of ``page``.
    let bytes: Int

    static let page = 4096
    static let hugePage = 2 << 20

    /// Takes memory from the system.
    ///
    /// - Parameter reserve: bytes that have to be left
    /// - Throws: ``ResourceError`` if that would leave the rest of the program without any.
    init(bytes count: Int, leaving reserve: Int) throws(ResourceError) {
        let alignment = count >= Self.hugePage ? Self.hugePage : Self.page
        bytes = Self.wholePages(count)
        let whole = try Self.map(bytes + alignment + reserve, for: bytes)
        start = whole.alignedUp(toMultipleOf: alignment)
        let before = start - whole
        if before > 0 { munmap(whole, before) }
        let behind = alignment - before + reserve
        if behind > 0 { munmap(start + bytes, behind) }
        #if os(Linux)
            // The rest behind the last whole huge page is not worth another.
            let hugeBytes = bytes / Self.hugePage * Self.hugePage
            if hugeBytes > 0 { madvise(start, hugeBytes, MADV_HUGEPAGE) }
        #endif
    }

    /// The bytes of as many pages as some bytes take, one at least.
    static func wholePages(_ bytes: Int) -> Int { max(1, (bytes + page - 1) / page) * page }

    private static func map(_ size: Int, for bytes: Int) throws(ResourceError) -> UnsafeMutableRawPointer {
        let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else {
            throw ResourceError("\(bytes) bytes of memory are needed, which the system does not give", errno)
        }
        return start
    }

    deinit { munmap(start, bytes) }
}
