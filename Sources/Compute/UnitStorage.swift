import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Memory of 32-bit units for the kernels: zero at first, on huge pages where the system has them.
package final class UnitStorage: @unchecked Sendable {
    // Safe to share: whoever writes to it does so before anybody else has it, or divides it up.
    package let base: UnsafeMutablePointer<Float>
    /// Zero of a storage that is only planned.
    private let bytes: Int

    private static let page = 4096
    private static let hugePage = 2 << 20
    /// Memory that is left to everybody else, who cannot do without.
    package static let reserve = 32 << 20

    /// Takes memory from the system.
    ///
    /// - Parameter reserve: bytes that have to be left
    /// - Throws: ``ResourceError`` if that would leave the rest of the program without any.
    package init(count: Int, leaving reserve: Int = UnitStorage.reserve) throws(ResourceError) {
        let alignment = count * MemoryLayout<Float>.stride >= Self.hugePage ? Self.hugePage : Self.page
        bytes = max(1, (count * MemoryLayout<Float>.stride + Self.page - 1) / Self.page) * Self.page
        // Memory straight from the system is zero without being touched, and goes back as soon as it is let go.
        let whole = try Self.map(bytes + alignment + reserve, for: bytes)
        let start = whole.alignedUp(toMultipleOf: alignment)
        let before = start - whole
        if before > 0 { munmap(whole, before) }
        let behind = alignment - before + reserve
        if behind > 0 { munmap(start + bytes, behind) }
        #if os(Linux)
            // The rest behind the last whole huge page is not worth another.
            let hugeBytes = bytes / Self.hugePage * Self.hugePage
            if hugeBytes > 0 { madvise(start, hugeBytes, MADV_HUGEPAGE) }
        #endif
        base = start.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
    }

    private init() {
        bytes = 0
        base = Self.nowhere
    }

    /// Stands for memory whose size alone is of interest; nobody touches it.
    static let planned = UnitStorage()
    /// The address that stands for memory that is only planned.
    nonisolated(unsafe) static let nowhere = UnsafeMutablePointer<Float>.allocate(capacity: 1)

    private static func map(_ size: Int, for bytes: Int) throws(ResourceError) -> UnsafeMutableRawPointer {
        let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else {
            throw ResourceError("\(bytes) bytes of memory are needed, which the system does not give", errno)
        }
        return start
    }

    deinit { if bytes > 0 { munmap(base, bytes) } }
}
