#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The changes of scores for reasons other than chance, in the order of `_get_logits_processor`.
struct LogitsProcessors: Sendable {
    let settings: GenerationSettings
    let promptLength: Int
    /// Tokens of prompt and answer together at which the text ends.
    let longest: Int
    private let leastNewTokens: Int
    /// Sequences that may not occur, without end tokens alone.
    let badWords: [[Int32]]
    /// Which tokens were seen while a penalty is computed.
    var seen = TokenMarks()

    /// - Parameter limit: tokens of prompt and answer together that the model takes
    init(_ settings: GenerationSettings, promptLength: Int, limit: Int) {
        self.settings = settings
        self.promptLength = promptLength
        longest = settings.longest(promptLength: promptLength, limit: limit)
        leastNewTokens = settings.leastNewTokens(promptLength: promptLength)
        badWords = settings.badWordsIds.filter { word in !settings.eosTokenIds.contains { word == [$0] } }
    }

    /// True if nothing changes at any place.
    var isEmpty: Bool {
        settings.sequenceBias.isEmpty && settings.logitBias.isEmpty && settings.encoderRepetitionPenalty == 1
            && settings.repetitionPenalty == 1 && settings.presencePenalty == 0 && settings.frequencyPenalty == 0
            && settings.noRepeatNgramSize == 0 && settings.encoderNoRepeatNgramSize == 0 && badWords.isEmpty
            && leastNewTokens == 0 && settings.forcedBosTokenId == nil && settings.forcedEosTokenId.isEmpty
            && !settings.removeInvalidValues && settings.exponentialDecayLengthPenalty == nil
            && settings.suppressTokens.isEmpty && settings.beginSuppressTokens.isEmpty
            && settings.thoughtBudget == nil
    }

    /// Changes the scores of the token that follows.
    mutating func apply(to scores: Scores, after history: TokenHistory) {
        addBiases(to: scores, after: history)
        penalizeRepetition(in: scores, after: history)
        forbidRepeatedNgrams(in: scores, after: history)
        forbidBadWords(in: scores, after: history)
        if history.tokens.count - promptLength < leastNewTokens { suppress(settings.eosTokenIds, in: scores) }
        forceTokens(in: scores, after: history)
        if settings.removeInvalidValues { removeInvalidValues(of: scores) }
        raiseEndTokens(in: scores, after: history)
        suppress(settings.suppressTokens, in: scores)
        if history.tokens.count == beginning { suppress(settings.beginSuppressTokens, in: scores) }
        if let budget = settings.thoughtBudget, budget.isUsedUp(after: history.generated) {
            force([budget.marks.closer], in: scores)
        }
    }

    /// Tokens in front of the place that the answer begins at, behind a token that is forced there.
    private var beginning: Int {
        promptLength > 1 || settings.forcedBosTokenId == nil ? promptLength : promptLength + 1
    }

    /// `SuppressTokensLogitsProcessor`, and `MinNewTokensLengthLogitsProcessor` with the end tokens
    private func suppress(_ ids: [Int32], in scores: Scores) {
        for id in ids { scores.set(id, to: -.infinity) }
    }

    /// `ForcedBOSTokenLogitsProcessor` and `ForcedEOSTokenLogitsProcessor`
    private func forceTokens(in scores: Scores, after history: TokenHistory) {
        let length = history.tokens.count
        if length == 1, let id = settings.forcedBosTokenId { force([id], in: scores) }
        if length == longest - 1, !settings.forcedEosTokenId.isEmpty { force(settings.forcedEosTokenId, in: scores) }
    }

    private func force(_ ids: [Int32], in scores: Scores) {
        scores.fill(with: -.infinity)
        for id in ids { scores.set(id, to: 0) }
    }

    /// `InfNanRemoveLogitsProcessor`
    private func removeInvalidValues(of scores: Scores) {
        let greatest = Float.greatestFiniteMagnitude
        for index in scores.indices {
            scores[index] = scores[index].isNaN ? 0 : min(max(scores[index], -greatest), greatest)
        }
    }

    /// `ExponentialDecayLengthPenalty`
    private func raiseEndTokens(in scores: Scores, after history: TokenHistory) {
        guard let decay = settings.exponentialDecayLengthPenalty else { return }
        let tokens = history.tokens.count - promptLength - decay.start
        guard tokens > 0 else { return }
        let growth = Float(pow(decay.factor, Double(tokens)) - 1)
        for id in settings.eosTokenIds {
            scores.change(id) { $0.isFinite ? $0 + abs($0) * growth : $0 }
        }
    }
}
