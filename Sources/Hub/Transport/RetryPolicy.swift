/// Decides whether a request is made again, and when: after twice the last wait, less by chance, so that clients that
/// failed together do not come back together.
package struct RetryPolicy: Sendable {
    private let limits: HubLimits
    private let maxAttempts: Int
    private let maxUnconnected: Int
    /// Failures in a row.
    package private(set) var failures = 0

    /// - Parameters:
    ///   - maxAttempts: requests in all; nil for as many as the limits say
    ///   - maxUnconnected: requests for which no connection can be made; nil for as many as others
    package init(_ limits: HubLimits, maxAttempts: Int? = nil, maxUnconnected: Int? = nil) {
        self.limits = limits
        self.maxAttempts = maxAttempts ?? limits.maxAttempts
        self.maxUnconnected = maxUnconnected ?? self.maxAttempts
    }

    /// Returns the time to wait before the next request; nil if there is to be none.
    ///
    /// - Parameters:
    ///   - bytes: what the request brought before it failed; enough of them, and it counts as the first
    ///   - chance: a number from 0 to 1
    package mutating func pause(after failure: TransferFailure, bringing bytes: Int = 0, chance: Double) -> Duration? {
        switch failure {
        case .final, .untrusted: return nil
        default: break
        }
        failures = bytes >= limits.progressBytes ? 1 : failures + 1
        guard failures < maxAttempts else { return nil }
        if case .connection = failure, failures >= maxUnconnected { return nil }
        if case .busy(_, let asked?) = failure {
            // A second more, since whoever rounds may round down.
            return asked <= limits.longestRetryAfter ? asked + .seconds(1) : nil
        }
        let longest = limits.longestPause / limits.firstPause
        let steps = min(longest, Double(1 << min(failures - 1, 30)))
        return limits.firstPause * (steps * (0.5 + 0.5 * min(1, max(0, chance))))
    }
}
