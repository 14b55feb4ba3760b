import Foundation

extension Process {
    /// Sleeps until the process has ended.
    ///
    /// On a thread whose run loop has nothing to wait for, `waitUntilExit` asks again and again without a pause.
    package func waitForEnd() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        waitUntilExit()
    }
}
