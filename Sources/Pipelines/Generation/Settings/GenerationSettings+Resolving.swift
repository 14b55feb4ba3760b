extension GenerationSettings {
    /// The defaults under the settings of a request and of generation_config.json, as the pipeline `text-generation`
    /// has it.
    ///
    /// - Parameters:
    ///   - requested: what the request says
    ///   - file: what the checkpoint says
    ///   - fallback: what stands above the defaults of the pipeline where neither says anything
    ///   - vocabularySize: how many tokens the model has scores for
    /// - Throws: ``PipelineError`` for what cannot be done, by the name of the parameter.
    package init(
        _ requested: GenerationOptions, over file: GenerationOptions = GenerationOptions(),
        fallback: GenerationOptions = GenerationOptions(), vocabularySize: Int
    ) throws(PipelineError) {
        try requested.requireBounds()
        self.init()
        let given = GivenOptions(requested: requested, file: file, fallback: fallback)
        takeLengths(given)
        takeStrategy(given)
        takeSampling(given)
        takeScores(given)
        try requireMeaning()
        try requireTokens(vocabularySize: vocabularySize)
    }

    private mutating func takeLengths(_ given: GivenOptions) {
        maxNewTokens = given[\.maxNewTokens]
        maxLength = given[\.maxLength]
        // The default of the pipeline, which a length of the whole would have to yield to.
        if maxNewTokens == nil, maxLength == nil { maxNewTokens = 256 }
        minNewTokens = given[\.minNewTokens]
        given.set(&minLength, \.minLength)
        given.set(&stopStrings, \.stopStrings)
    }

    private mutating func takeStrategy(_ given: GivenOptions) {
        doSample = given[\.doSample] ?? true
        given.set(&numBeams, \.numBeams)
        given.set(&earlyStopping, \.earlyStopping)
        given.set(&lengthPenalty, \.lengthPenalty)
        given.set(&numReturnSequences, \.numReturnSequences)
        seed = given[\.seed]
        logprobs = given[\.logprobs]
        promptLogprobs = given[\.promptLogprobs]
        structure = given[\.structure]
    }

    private mutating func takeSampling(_ given: GivenOptions) {
        temperature = given[\.temperature] ?? (doSample ? 0.7 : 1)
        topH = given[\.topH]
        given.set(&topK, \.topK)
        given.set(&topP, \.topP)
        minP = given[\.minP]
        given.set(&typicalP, \.typicalP)
        given.set(&epsilonCutoff, \.epsilonCutoff)
        given.set(&etaCutoff, \.etaCutoff)
    }

    private mutating func takeScores(_ given: GivenOptions) {
        given.set(&repetitionPenalty, \.repetitionPenalty)
        given.set(&encoderRepetitionPenalty, \.encoderRepetitionPenalty)
        given.set(&presencePenalty, \.presencePenalty)
        given.set(&frequencyPenalty, \.frequencyPenalty)
        given.set(&noRepeatNgramSize, \.noRepeatNgramSize)
        given.set(&encoderNoRepeatNgramSize, \.encoderNoRepeatNgramSize)
        given.set(&sequenceBias, \.sequenceBias)
        given.set(&logitBias, \.logitBias)
        given.set(&badWordsIds, \.badWordsIds)
        given.set(&suppressTokens, \.suppressTokens)
        given.set(&beginSuppressTokens, \.beginSuppressTokens)
        forcedBosTokenId = given[\.forcedBosTokenId]
        given.set(&forcedEosTokenId, \.forcedEosTokenId)
        given.set(&removeInvalidValues, \.removeInvalidValues)
        exponentialDecayLengthPenalty = given[\.exponentialDecayLengthPenalty]
        given.set(&renormalizeLogits, \.renormalizeLogits)
        bosTokenId = given[\.bosTokenId]
        given.set(&eosTokenIds, \.eosTokenId)
        eosTokenIds += given[\.stopTokenIds] ?? []
        var seen: Set<Int32> = []
        eosTokenIds.removeAll { !seen.insert($0).inserted }
        padTokenId = given[\.padTokenId]
    }
}

/// The settings of a request, and where it has none, those of the checkpoint, and where that has none, a fallback.
private struct GivenOptions {
    let requested: GenerationOptions
    let file: GenerationOptions
    let fallback: GenerationOptions

    subscript<Value>(_ path: KeyPath<GenerationOptions, Value?>) -> Value? {
        requested[keyPath: path] ?? file[keyPath: path] ?? fallback[keyPath: path]
    }

    func set<Value>(_ setting: inout Value, _ path: KeyPath<GenerationOptions, Value?>) {
        if let value = self[path] { setting = value }
    }
}
