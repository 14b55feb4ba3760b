/// The limits of what a caller may use; nil for as much as it likes.
package struct QuotaLimits: Sendable, Equatable {
    package var requestsPerMinute: Int?
    package var tokensPerMinute: Int?
    /// Tokens of all its requests that are not answered yet.
    package var tokensInFlight: Int?

    /// No limits.
    package init() {}
}

/// The use that a caller has made of its limits: a pure state machine that is told the time.
package struct Quota: Sendable {
    /// A reason why a caller gets no more.
    package enum Refusal: Error, Sendable, Equatable {
        /// It has used the requests, or tokens, of the minute; there will be some after this time.
        case requests(retryAfter: Duration)
        case tokens(retryAfter: Duration)
        /// Its requests in flight have so many tokens that this one has no place beside them.
        case tokensInFlight
        /// The request alone has more tokens than there may ever be at one time.
        case never(limit: Int)
    }

    private var limits: QuotaLimits
    private var requests: TokenBucket?
    private var tokens: TokenBucket?
    /// Tokens of the requests that are not answered yet.
    package private(set) var tokensInFlight = 0

    /// A quota of which nothing is used yet. Limits are at least one.
    package init(_ limits: QuotaLimits) {
        self.limits = limits
        requests = limits.requestsPerMinute.map { TokenBucket(perMinute: $0) }
        tokens = limits.tokensPerMinute.map { TokenBucket(perMinute: $0) }
    }

    /// Goes on with other limits: the share of the minute's units that is used stays the same.
    package mutating func change(to limits: QuotaLimits) {
        self.limits = limits
        requests = Self.changed(requests, to: limits.requestsPerMinute)
        tokens = Self.changed(tokens, to: limits.tokensPerMinute)
    }

    private static func changed(_ bucket: TokenBucket?, to perMinute: Int?) -> TokenBucket? {
        guard let perMinute else { return nil }
        guard var bucket else { return TokenBucket(perMinute: perMinute) }
        bucket.perMinute = perMinute
        return bucket
    }

    /// Counts a request.
    package mutating func takeRequest(at now: ContinuousClock.Instant) throws(Refusal) {
        if let wait = requests?.take(1, at: now) { throw .requests(retryAfter: wait) }
    }

    /// Counts the tokens of a request, until ``finish(_:)``.
    package mutating func take(_ amount: Int, at now: ContinuousClock.Instant) throws(Refusal) {
        try check(amount, at: now)
        _ = tokens?.take(amount, at: now)
        tokensInFlight += amount
    }

    /// Throws what ``take(_:at:)`` of at least this amount would throw now.
    package func check(_ amount: Int, at now: ContinuousClock.Instant) throws(Refusal) {
        let limit = min(limits.tokensPerMinute ?? .max, limits.tokensInFlight ?? .max)
        guard amount <= limit else { throw .never(limit: limit) }
        if let most = limits.tokensInFlight, tokensInFlight > most - amount { throw .tokensInFlight }
        if let wait = tokens?.wait(for: amount, at: now) { throw .tokens(retryAfter: wait) }
    }

    /// Takes note that a request is over whose tokens were taken.
    package mutating func finish(_ amount: Int) { tokensInFlight -= amount }

    /// Puts tokens back that were taken and never computed.
    package mutating func putBack(_ amount: Int) { tokens?.putBack(amount) }
}
