#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The time for which the thread that makes it has waited for a core that others had, by the kernel's account
/// (<https://docs.kernel.org/scheduler/sched-stats.html>).
struct CoreWait: ~Copyable {
    private let file: Int32

    init() {
        #if os(Linux)
            file = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)
        #else
            file = -1
        #endif
    }

    deinit {
        if file >= 0 { close(file) }
    }

    /// The whole time up to now, in nanoseconds; nil if it is not known.
    var nanoseconds: UInt64? {
        guard file >= 0 else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bytes in
            let count = pread(file, bytes.baseAddress, bytes.count, 0)
            return count > 0 ? Self.secondNumber(of: bytes[..<count]) : nil
        }
    }

    /// The second of the numbers of a line.
    private static func secondNumber(of line: Slice<UnsafeMutableRawBufferPointer>) -> UInt64? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        var number: UInt64?
        for byte in line[(space + 1)...] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { break }
            number = (number ?? 0) &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
