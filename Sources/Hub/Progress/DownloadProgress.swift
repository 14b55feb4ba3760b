/// An event of a download.
package enum DownloadEvent: Sendable, Equatable {
    /// So many files and bytes are to come beyond those that were announced before.
    case announced(files: Int, bytes: Int)
    /// A file is begun, or gone on with behind the bytes that are here.
    case started(RepositoryPath, size: Int, present: Int)
    /// Bytes of a file came.
    case received(RepositoryPath, bytes: Int)
    /// The bytes of a file that came so far do not count.
    case restarted(RepositoryPath)
    /// A file is here.
    case finished(RepositoryPath)
    /// Another process downloads the file.
    case waiting(RepositoryPath)
    /// Something that users are to know; one line.
    case note(String)
}

/// A listener that is told how a download goes on. It is called from any thread, also several at a time.
package protocol DownloadProgress: Sendable {
    /// Takes note of an event, and does not wait.
    func report(_ event: DownloadEvent)
    /// Takes note that no more events come.
    func end()
}

/// Tells nobody.
package struct SilentProgress: DownloadProgress {
    package init() {}
    package func report(_ event: DownloadEvent) {}
    package func end() {}
}
