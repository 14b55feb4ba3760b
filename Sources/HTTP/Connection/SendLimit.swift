/// How long a client may take to receive what was written for it.
///
/// It has to take some of it within ``patience``, and all of it at ``slowestRate`` on average, with that much time to begin.
struct SendLimit {
    /// Bytes per second.
    static let slowestRate = 32_768.0

    let patience: Duration
    private var start = ContinuousClock.now
    private var lastProgress = ContinuousClock.now
    private var sent = 0
    private(set) var unsent = 0

    init(patience: Duration) { self.patience = patience }

    mutating func wrote(_ bytes: Int, at now: ContinuousClock.Instant) {
        if unsent == 0 { (start, lastProgress, sent) = (now, now, 0) }
        unsent += bytes
    }

    mutating func sent(_ bytes: Int, at now: ContinuousClock.Instant) {
        unsent -= bytes
        sent += bytes
        lastProgress = now
    }

    /// When the client is too slow unless it takes something before; nil if there is nothing for it to take.
    var expiry: ContinuousClock.Instant? {
        guard unsent > 0 else { return nil }
        return min(lastProgress + patience, start + patience + .seconds(Double(sent) / Self.slowestRate))
    }
}
