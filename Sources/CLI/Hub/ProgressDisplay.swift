import Glibc
import Logging
import PenstockHub

/// The display of a download on standard error: bars on a terminal, else lines.
enum ProgressDisplay {
    /// For a command that shows nothing else there.
    static var ofProcess: any DownloadProgress {
        showsBars
            ? TerminalProgress(width: { columns }) { LogQueue.standardError.add(Array($0.utf8)) }
            : LineProgress { LogQueue.standardError.add(Array("penstock: \($0)\n".utf8)) }
    }

    /// For a server, whose log has lines of its own form.
    ///
    /// - Parameter isAlone: whether no other download can be shown at the same time
    static func ofServer(_ logger: Logger, isAlone: Bool) -> any DownloadProgress {
        showsBars && isAlone ? ofProcess : LineProgress { logger.info("\($0)") }
    }

    static var showsBars: Bool {
        isatty(STDERR_FILENO) == 1 && !HubSettings.isSet("HF_HUB_DISABLE_PROGRESS_BARS")
    }

    /// Columns of the terminal; 80 if it does not tell.
    static var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
