/// On whose behalf requests come: what it may ask, and how much.
package struct Caller: Sendable {
    /// Those with whose requests its own share a model.
    let flow: Flow
    /// The models that it may use, by name; nil for all.
    private let models: Set<String>?
    private let account: CallerAccount?

    /// The program itself, or anybody if nobody has to say who they are: without limits.
    package static let anybody = Caller()

    /// - Parameters:
    ///   - flow: those with whose requests its own share a model
    ///   - models: the names of those that it may use; nil for all
    ///   - account: counts what it uses; nil if it has no limits
    package init(in flow: Flow = .others, models: Set<String>? = nil, account: CallerAccount? = nil) {
        (self.flow, self.models, self.account) = (flow, models, account)
    }

    /// Tells whether it may use a model.
    package func mayUse(_ model: String) -> Bool { models?.contains(model) ?? true }

    /// - Throws: ``ServingError`` if it may not use a model.
    package func check(_ model: String) throws(ServingError) {
        guard mayUse(model) else {
            throw ServingError(.modelForbidden, "the API key is not for the model \(model); ask for one of GET /models")
        }
    }

    /// Tokens of its requests that are not answered yet.
    package var tokensInFlight: Int { account?.tokensInFlight ?? 0 }

    /// Counts a request.
    ///
    /// - Throws: ``ServingError`` if it has none left for now.
    package func takeRequest() throws(ServingError) { try account?.takeRequest() }

    /// - Throws: ``ServingError`` if it has not as many tokens left for now.
    func check(tokens: Int) throws(ServingError) { try account?.check(tokens: tokens) }

    /// Counts tokens, which are in flight as long as somebody has what is returned.
    ///
    /// - Throws: ``ServingError`` if it has not as many left for now.
    func take(tokens: Int) throws(ServingError) -> CallerAccount.TokensTaken? { try account?.take(tokens: tokens) }
}
