/// Settings of one generation, validated: generation_config.json of the checkpoint overlaid with the request's
/// parameters.
package struct GenerationSettings: Sendable, Equatable {
    // MARK: Lengths

    /// Tokens that are generated at most; 0 if the prompt is computed alone.
    package var maxNewTokens: Int?
    /// Tokens of prompt and answer together at most, where ``maxNewTokens`` is nil.
    package var maxLength: Int?
    /// Tokens that are generated at least.
    package var minNewTokens: Int?
    /// Tokens of prompt and answer together at least, where ``minNewTokens`` is nil.
    package var minLength = 0
    package var stopStrings: [String] = []

    // MARK: Strategy

    package var doSample = false
    package var numBeams = 1
    package var earlyStopping = EarlyStopping.heuristic
    package var lengthPenalty = 1.0
    package var numReturnSequences = 1
    /// The seed of the random numbers; nil if any will do.
    package var seed: UInt64?

    // MARK: What sampling draws from

    package var temperature = 1.0
    package var topH: Double?
    /// The number of likeliest tokens that remain; 0 for all.
    package var topK = 50
    package var topP = 1.0
    package var minP: Double?
    package var typicalP = 1.0
    package var epsilonCutoff = 0.0
    package var etaCutoff = 0.0

    // MARK: Changes of scores

    package var repetitionPenalty = 1.0
    package var encoderRepetitionPenalty = 1.0
    package var presencePenalty = 0.0
    package var frequencyPenalty = 0.0
    package var noRepeatNgramSize = 0
    package var encoderNoRepeatNgramSize = 0
    package var sequenceBias: [SequenceBias] = []
    package var logitBias: [Int32: Double] = [:]
    package var badWordsIds: [[Int32]] = []
    package var suppressTokens: [Int32] = []
    package var beginSuppressTokens: [Int32] = []
    package var forcedBosTokenId: Int32?
    package var forcedEosTokenId: [Int32] = []
    package var removeInvalidValues = false
    package var exponentialDecayLengthPenalty: ExponentialDecay?
    package var renormalizeLogits = false

    // MARK: Special tokens

    package var bosTokenId: Int32?
    /// The tokens that end an answer; none if only its length does.
    package var eosTokenIds: [Int32] = []
    package var padTokenId: Int32?

    // MARK: Structure

    /// The form that the text has to have; nil for any.
    package var structure: OutputStructure?
    /// The marks of a thought that may stand in front of the text, which the form and stop strings are about; nil if
    /// none may.
    package var thought: ThoughtMarks?
    /// The most tokens of a thought in front of the answer; nil for any number.
    package var thoughtBudget: ThoughtBudget?

    // MARK: What is told

    /// The number of likeliest tokens that are told at each place, beside the one that was taken; nil for no
    /// probabilities.
    package var logprobs: Int?
    /// The number of likeliest tokens that are told at each place of the prompt, beside the one that stands there; nil
    /// for no probabilities.
    package var promptLogprobs: Int?

    /// The defaults of `generate`: the likeliest token each time.
    package init() {}
}

extension GenerationSettings {
    /// Tokens of prompt and answer together at which a text ends.
    ///
    /// - Parameter limit: how many the model takes
    package func longest(promptLength: Int, limit: Int) -> Int {
        guard let maxNewTokens else { return min(maxLength ?? limit, limit) }
        return min(promptLength + min(maxNewTokens, limit - min(promptLength, limit)), limit)
    }

    /// True if nothing is generated behind the prompt.
    package var endsBehindPrompt: Bool { maxNewTokens == 0 }

    /// Tokens for which there has to be room behind a prompt.
    package var leastRoom: Int { endsBehindPrompt ? 0 : 1 }

    /// Adds the tokens of a prefix to the lengths of the whole, which do not count them, as in the pipeline.
    mutating func lengthen(by prefixTokens: Int) {
        maxLength = maxLength.map { $0 + prefixTokens }
        if minLength > 0 { minLength += prefixTokens }
    }

    /// Generated tokens before which no end token may come.
    package func leastNewTokens(promptLength: Int) -> Int { minNewTokens ?? max(0, minLength - promptLength) }

    /// Candidates of each step of a beam search: enough to go on with all beams if each of them ends with each of the
    /// end tokens.
    var candidates: Int { max(2, 1 + eosTokenIds.count) * numBeams }

    /// Sequences that are computed at a time for a prompt: the beams of a search, or the choices.
    package var sequencesPerPrompt: Int { max(numBeams, numReturnSequences) }
}
