import Glibc

/// The signals by which others end a process.
package enum EndSignals {
    /// Has them end also the first process of a container, for which the system ignores those that nobody handles.
    /// Whoever waits for them later, such as a server, does so instead.
    ///
    /// - Parameter process: the number of this process
    package static func heed(asProcess process: pid_t = getpid()) {
        guard process == 1 else { return }
        for number in [SIGINT, SIGTERM] { signal(number) { number in _exit(128 + number) } }
    }
}
