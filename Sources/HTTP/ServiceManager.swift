import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The one who has started the server and wants to hear how it is: systemd, or another one behind `NOTIFY_SOCKET`.
package final class ServiceManager: Sendable {
    /// The time between two words that models are still being loaded.
    static let beat = Duration.seconds(10)
    /// The time for which each of them is good.
    private static let loadingTime = Duration.seconds(60)
    /// What a stop may take beside requests.
    private static let farewell = Duration.seconds(15)

    /// The name of the socket as the system takes it: an abstract one begins with a byte of zero.
    private let name: [UInt8]
    private let report: @Sendable (_ message: String) -> Void
    /// True if it was told that the server is ready. What it hears is sent within the lock, so that it comes in order.
    private let isReady = Mutex(false)

    /// Nil if the text names no socket of Unix.
    ///
    /// - Parameters:
    ///   - socket: an absolute path, or `@` and the name of an abstract socket
    ///   - report: is told if the socket takes nothing
    package init?(socket: String, report: @escaping @Sendable (_ message: String) -> Void) {
        var name = Array(socket.utf8)
        guard (2..<MemoryLayout.size(ofValue: sockaddr_un().sun_path)).contains(name.count), !name.contains(0) else {
            return nil
        }
        switch name[0] {
        case UInt8(ascii: "/"): break
        case UInt8(ascii: "@"): name[0] = 0
        default: return nil
        }
        (self.name, self.report) = (name, report)
    }

    /// The server loads the models that it starts with. If that is told again at each ``beat``, it may take its time.
    package func tellLoading() {
        isReady.withLock { isReady in
            guard !isReady else { return }
            send(["EXTEND_TIMEOUT_USEC=\(Self.microseconds(Self.loadingTime))", "STATUS=loading models"])
        }
    }

    /// The models that it starts with are there. Told once.
    package func tellReady() {
        isReady.withLock { isReady in
            guard !isReady else { return }
            isReady = true
            send(["READY=1", "STATUS=serving"])
        }
    }

    /// Does what has the settings read again.
    package func tellReloading(_ reload: () -> Void) {
        isReady.withLock { isReady in
            // Before that, the word that follows would say that it is.
            if isReady {
                send(["RELOADING=1", "MONOTONIC_USEC=\(Self.now())", "STATUS=reading the settings again"])
            }
            reload()
            if isReady { send(["READY=1", "STATUS=serving"]) }
        }
    }

    /// The server goes down.
    ///
    /// - Parameter time: the longest time that requests are given
    package func tellStopping(within time: Duration) {
        isReady.withLock { isReady in
            isReady = true
            let time = Self.microseconds(time + Self.farewell)
            send(["STOPPING=1", "EXTEND_TIMEOUT_USEC=\(time)", "STATUS=finishing the requests in flight"])
        }
    }

    private static func microseconds(_ time: Duration) -> UInt64 { UInt64(min(max(0, time / .microseconds(1)), 1e18)) }

    /// Microseconds of the clock that never goes back, which tell a reload from those before.
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000 + UInt64(max(0, time.tv_nsec)) / 1000
    }

    private func send(_ lines: [String]) {
        #if canImport(Glibc)
            let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        #elseif canImport(Musl)
            let type = SOCK_DGRAM | SOCK_CLOEXEC
        #else
            let type = SOCK_DGRAM
        #endif
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return reportFailure() }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let size = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path) + name.count
        let bytes = Array(lines.joined(separator: "\n").utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var sent = -1
                repeat {
                    sent = sendto(descriptor, bytes, bytes.count, 0, address, socklen_t(size))
                } while sent < 0 && errno == EINTR
                return sent
            }
        }
        if sent < 0 { reportFailure() }
    }

    private func reportFailure() {
        report("the service manager cannot be told how the server is: \(String(cString: strerror(errno)))")
    }
}
