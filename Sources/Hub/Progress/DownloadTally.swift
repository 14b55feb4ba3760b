/// A tally of a download, by its events.
package struct DownloadTally: Sendable {
    /// A file on its way.
    package struct File: Sendable, Equatable {
        package let path: RepositoryPath
        package let size: Int
        package var done: Int
    }

    /// Files that were announced, and those of them that are here.
    package private(set) var (files, filesDone) = (0, 0)
    /// Bytes that were announced, and those of them that are here.
    package private(set) var (bytes, bytesDone) = (0, 0)
    /// Files on their way, in the order in which they were begun.
    package private(set) var active: [File] = []
    /// Bytes that came over the network lately, by the second in which they came.
    private var recent: [(second: Int, bytes: Int)] = []

    private static let window = 5

    package init() {}

    /// - Parameter now: the time since any moment that stays the same
    package mutating func add(_ event: DownloadEvent, at now: Duration) {
        switch event {
        case .announced(let files, let bytes):
            self.files += files
            self.bytes = CacheIO.sum([self.bytes, bytes])
        case .started(let path, let size, let present):
            active.removeAll { $0.path == path }
            active.append(File(path: path, size: size, done: present))
            bytesDone += present
        case .received(let path, let bytes):
            if let index = active.firstIndex(where: { $0.path == path }) { active[index].done += bytes }
            bytesDone += bytes
            note(bytes, at: now)
        case .restarted(let path):
            guard let index = active.firstIndex(where: { $0.path == path }) else { return }
            bytesDone -= active[index].done
            active[index].done = 0
        case .finished(let path):
            active.removeAll { $0.path == path }
            filesDone += 1
        case .waiting, .note: break
        }
    }

    /// A line that says what was done; nil if there was nothing to do.
    var summary: String? {
        guard filesDone > 0 else { return nil }
        return "\(filesDone == 1 ? "1 file" : "\(filesDone) files"), \(ByteText.of(bytesDone)) downloaded"
    }

    /// Bytes per second in the last five; nil before the first is over.
    package func rate(at now: Duration) -> Double? {
        let second = Int(now.components.seconds)
        guard let first = recent.first, second > first.second else { return nil }
        let counted = recent.filter { $0.second < second && $0.second >= second - Self.window }
        return Double(counted.reduce(0) { $0 + $1.bytes }) / Double(min(Self.window, second - first.second))
    }

    /// Seconds until all that was announced is here; nil if that cannot be told.
    package func secondsLeft(at now: Duration) -> Int? {
        guard let rate = rate(at: now), rate >= 1, bytes > bytesDone else { return nil }
        return Int(exactly: (Double(bytes - bytesDone) / rate).rounded(.up))
    }

    private mutating func note(_ bytes: Int, at now: Duration) {
        let second = Int(now.components.seconds)
        if let last = recent.indices.last, recent[last].second == second {
            recent[last].bytes += bytes
        } else {
            recent.append((second, bytes))
            // The first stays within the window, so that a start is not taken for a slow second.
            recent.removeAll { $0.second < second - Self.window }
        }
    }
}
