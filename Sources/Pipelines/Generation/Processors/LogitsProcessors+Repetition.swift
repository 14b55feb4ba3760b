extension LogitsProcessors {
    /// `EncoderRepetitionPenaltyLogitsProcessor`, `RepetitionPenaltyLogitsProcessor`, and the penalties of OpenAI's API
    /// (Keskar et al. 2019, "CTRL", for the second)
    mutating func penalizeRepetition(in scores: Scores, after history: TokenHistory) {
        if settings.encoderRepetitionPenalty != 1 {
            penalize(history.prompt, by: Float(1 / settings.encoderRepetitionPenalty), in: scores)
        }
        if settings.repetitionPenalty != 1 {
            penalize(history.tokens[...], by: Float(settings.repetitionPenalty), in: scores)
        }
        guard settings.presencePenalty != 0 || settings.frequencyPenalty != 0 else { return }
        let (presence, frequency) = (Float(settings.presencePenalty), Float(settings.frequencyPenalty))
        seen.clear(vocabularySize: scores.count)
        for id in history.generated {
            let penalty = seen.insert(id) ? presence + frequency : frequency
            scores.change(id) { $0 - penalty }
        }
    }

    /// Makes tokens less likely, each once.
    private mutating func penalize(_ ids: ArraySlice<Int32>, by penalty: Float, in scores: Scores) {
        seen.clear(vocabularySize: scores.count)
        for id in ids where seen.insert(id) {
            scores.change(id) { $0 < 0 ? $0 * penalty : $0 / penalty }
        }
    }

    /// `NoRepeatNGramLogitsProcessor` and `EncoderNoRepeatNGramLogitsProcessor`
    func forbidRepeatedNgrams(in scores: Scores, after history: TokenHistory) {
        forbidNgrams(of: history.tokens[...], settings.noRepeatNgramSize, in: scores, after: history)
        forbidNgrams(of: history.prompt, settings.encoderNoRepeatNgramSize, in: scores, after: history)
    }

    /// Forbids the tokens that would complete a sequence of this size that a text has.
    private func forbidNgrams(
        of text: ArraySlice<Int32>, _ size: Int, in scores: Scores, after history: TokenHistory
    ) {
        guard size > 0, size <= text.count, size <= history.tokens.count + 1 else { return }
        let begun = history.tokens.suffix(size - 1)
        for start in text.startIndex...(text.endIndex - size) where text[start...].starts(with: begun) {
            scores.set(text[start + size - 1], to: -.infinity)
        }
    }
}
