import Synchronization

/// An account of what one caller has used, of all its requests together.
package final class CallerAccount: Sendable {
    private let quota: Mutex<Quota>

    /// An account of which nothing is used yet.
    package init(_ limits: QuotaLimits) { quota = Mutex(Quota(limits)) }

    /// Goes on with other limits.
    package func change(to limits: QuotaLimits) { quota.withLock { $0.change(to: limits) } }

    /// Tokens of the requests that are not answered yet.
    var tokensInFlight: Int { quota.withLock { $0.tokensInFlight } }

    /// Counts a request.
    ///
    /// - Throws: ``ServingError`` when there are none left.
    package func takeRequest() throws(ServingError) {
        try refusing { (quota) throws(Refusal) in try quota.takeRequest(at: .now) }
    }

    /// Throws ``ServingError`` when there are not as many tokens left.
    func check(tokens: Int) throws(ServingError) {
        try refusing { (quota) throws(Refusal) in try quota.check(tokens, at: .now) }
    }

    /// Counts tokens of a request; they are in flight as long as somebody has what is returned.
    ///
    /// - Throws: ``ServingError`` when there are not as many left.
    func take(tokens: Int) throws(ServingError) -> TokensTaken {
        try refusing { (quota) throws(Refusal) in try quota.take(tokens, at: .now) }
        return TokensTaken(tokens, of: self)
    }

    private typealias Refusal = Quota.Refusal

    private func refusing(
        _ body: (inout Quota) throws(Refusal) -> Void
    ) throws(ServingError) {
        let refusal = quota.withLock { quota -> Refusal? in
            do throws(Refusal) {
                try body(&quota)
                return nil
            } catch {
                return error
            }
        }
        if let refusal { throw ServingError(refusal) }
    }

    /// Tokens of a request in flight.
    final class TokensTaken: Sendable {
        private let amount: Int
        private let account: CallerAccount

        fileprivate init(_ amount: Int, of account: CallerAccount) { (self.amount, self.account) = (amount, account) }

        /// Puts them back for the minute: they were not computed.
        func putBack() { putBack(amount) }

        /// Puts some of them back for the minute.
        func putBack(_ part: Int) { account.quota.withLock { $0.putBack(min(part, amount)) } }

        deinit { account.quota.withLock { $0.finish(amount) } }
    }
}

extension ServingError {
    fileprivate init(_ refusal: Quota.Refusal) {
        switch refusal {
        case .requests(let wait):
            self.init(
                .rateLimited, "the API key has used its requests of this minute; try again later", retryAfter: wait)
        case .tokens(let wait):
            self.init(
                .rateLimited, "the API key has not as many tokens left in this minute; try again later",
                retryAfter: wait)
        case .tokensInFlight:
            self.init(
                .rateLimited, "the API key has too many tokens in flight; wait for answers before you send more",
                retryAfter: .seconds(1))
        case .never(let limit):
            self.init(
                .requestTooLarge, "the request has more than the \(limit) tokens of the API key; send it in parts")
        }
    }
}
