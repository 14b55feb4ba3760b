import PenstockTokenizers

/// What a checkpoint says of how it generates, and the settings of a request above that.
struct GenerationDefaults: Sendable {
    private let eosTokenIds: [Int32]
    private let bosTokenId: Int32?

    init(_ resources: TaskResources) throws {
        func ids(_ key: String) -> [Int32] {
            guard let value = resources.checkpoint.config[key] else { return [] }
            return (value.array ?? [value]).compactMap { $0.integer.flatMap(Int32.init(exactly:)) }
        }
        eosTokenIds = ids("eos_token_id")
        bosTokenId = ids("bos_token_id").first
    }

    /// The settings of a request.
    ///
    /// - Parameter tellsTokens: whether the request asks for the probabilities of its tokens
    func settings(
        _ options: GenerationOptions, telling tellsTokens: Bool
    ) throws(PipelineError) -> GenerationSettings {
        var settings = GenerationSettings()
        settings.maxNewTokens = options.maxNewTokens ?? (options.maxLength == nil ? 256 : nil)
        settings.maxLength = options.maxLength
        settings.stopStrings = options.stopStrings ?? []
        settings.numReturnSequences = options.numReturnSequences ?? 1
        settings.numBeams = options.numBeams ?? 1
        settings.seed = options.seed
        settings.eosTokenIds = options.eosTokenId ?? eosTokenIds
        settings.bosTokenId = options.bosTokenId ?? bosTokenId
        settings.logprobs = options.logprobs ?? (tellsTokens ? 0 : nil)
        guard settings.numBeams == 1 else {
            throw PipelineError(.invalidParameter, "parameter num_beams: beam search is not supported yet")
        }
        return settings
    }
}
