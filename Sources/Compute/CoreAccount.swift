#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The times for which a thread has had a core, and has waited for one that others had, in nanoseconds.
package struct CoreTimes: Sendable {
    let ran: UInt64
    let waited: UInt64

    /// Times that count from anywhere.
    package init(ran: UInt64, waited: UInt64) { (self.ran, self.waited) = (ran, waited) }

    /// The share of the time that it wanted a core in which it had none, since other times of its own.
    func shareOfWaiting(since before: CoreTimes) -> Double {
        let (ran, waited) = (Double(ran &- before.ran), Double(waited &- before.waited))
        return waited / max(ran + waited, 1)
    }
}

/// The kernel's account of the times of the thread that makes it
/// (<https://docs.kernel.org/scheduler/sched-stats.html>).
struct CoreAccount: ~Copyable {
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

    /// The times up to now; nil if they are not known.
    var times: CoreTimes? {
        guard file >= 0 else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bytes in
            let count = pread(file, bytes.baseAddress, bytes.count, 0)
            var place = 0
            guard let ran = Self.number(in: bytes, upTo: count, at: &place),
                let waited = Self.number(in: bytes, upTo: count, at: &place)
            else { return nil }
            return CoreTimes(ran: ran, waited: waited)
        }
    }

    /// Reads a number, and the byte behind it.
    private static func number(
        in bytes: UnsafeMutableRawBufferPointer, upTo count: Int, at place: inout Int
    ) -> UInt64? {
        var number: UInt64?
        while place < count {
            let byte = bytes[place]
            place += 1
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            number = (number ?? 0) &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
