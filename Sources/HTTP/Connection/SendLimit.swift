import NIOCore

/// A limit of the time that a client may take to receive what was written for it.
///
/// It has to take some of it within ``patience``, and all of it at ``slowestRate`` on average, with that much time to begin.
package struct SendLimit {
    /// Bytes per second.
    static let slowestRate = 65_536

    let patience: TimeAmount
    private var start = NIODeadline.distantPast
    private var lastProgress = NIODeadline.distantPast
    private var sent = 0
    private var unsent = 0

    package init(patience: TimeAmount) { self.patience = patience }

    /// Takes note of bytes that are to be sent.
    package mutating func wrote(_ bytes: Int, at now: NIODeadline) {
        if unsent == 0 { (start, lastProgress, sent) = (now, now, 0) }
        unsent += bytes
    }

    /// Takes note of bytes that are on their way.
    package mutating func sent(_ bytes: Int, at now: NIODeadline) {
        unsent -= bytes
        sent += bytes
        lastProgress = now
    }

    /// When the client is too slow unless it takes something before; nil if there is nothing for it to take.
    package var expiry: NIODeadline? {
        guard unsent > 0 else { return nil }
        let timeForAll = TimeAmount.nanoseconds(Int64(sent) * 1_000_000_000 / Int64(Self.slowestRate))
        return min(lastProgress + patience, start + patience + timeForAll)
    }
}
