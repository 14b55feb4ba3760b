/// Times and numbers that bound what a Hub can make us do.
package struct HubLimits: Sendable {
    /// The time to wait for a connection.
    package var connectTimeout = Duration.seconds(10)
    /// The time to wait for the head of an answer.
    package var answerTimeout = Duration.seconds(10)
    /// Within each such period ``stallBytes`` have to come, or the connection is given up and made anew.
    package var stallPeriod = Duration.seconds(30)
    /// Bytes that have to come within ``stallPeriod``.
    package var stallBytes = 16 << 10
    /// Requests in a row that may fail before a download is given up.
    package var maxAttempts = 6
    /// Requests in a row for the list of files that may find no connection: a host that is not known, or that refuses, is
    /// seldom there a moment later.
    package var maxUnconnected = 3
    /// Bytes that a request has to bring for the next to count as the first again.
    package var progressBytes = 64 << 10
    /// The time to wait before the second request; each further wait is twice as long.
    package var firstPause = Duration.seconds(1)
    /// The longest wait of our own choice.
    package var longestPause = Duration.seconds(30)
    /// The longest wait that a server may ask for.
    package var longestRetryAfter = Duration.seconds(300)
    /// Redirects in a row.
    package var maxRedirects = 5
    /// Bytes of a list of files.
    package var maxListingBytes = 64 << 20
    /// Files in a list.
    package var maxListedFiles = 200_000
    /// Bytes of a file that is read whole, such as the index of shards.
    package var maxIndexBytes = 64 << 20
    /// Files that are downloaded at one time.
    package var parallelFiles = 4
    /// Parts of one file that are downloaded at one time.
    package var parallelParts = 4
    /// Bytes of a part. As many of each part that is not the first may be in memory.
    package var partBytes = 8 << 20
    /// Times that a file whose bytes are wrong is downloaded.
    package var maxDownloads = 2
    /// The time to wait before trying again to get a lock that another process has.
    package var lockPause = Duration.milliseconds(100)

    package init() {}
}

/// The time and chance that a download needs, which tests replace.
package struct HubClock: Sendable {
    /// Waits.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 to 1, by which waits differ between clients.
    package var chance: @Sendable () -> Double
    /// A moment, as the time since some other one.
    package var now: @Sendable () -> Duration

    package init(
        sleep: @escaping @Sendable (Duration) async throws -> Void, chance: @escaping @Sendable () -> Double,
        now: @escaping @Sendable () -> Duration
    ) {
        (self.sleep, self.chance, self.now) = (sleep, chance, now)
    }

    /// The machine's.
    package static let system: HubClock = {
        let start = ContinuousClock.now
        return HubClock(
            sleep: { try await Task.sleep(for: $0) }, chance: { Double.random(in: 0...1) },
            now: { ContinuousClock.now - start })
    }()
}
