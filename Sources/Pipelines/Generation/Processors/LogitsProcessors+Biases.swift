extension LogitsProcessors {
    /// `SequenceBiasLogitsProcessor`, with the bias of tokens of OpenAI's API
    func addBiases(to scores: Scores, after history: TokenHistory) {
        for (id, bias) in settings.logitBias { scores.change(id) { $0 + Float(bias) } }
        for entry in settings.sequenceBias {
            guard let last = completed(entry.tokens, after: history) else { continue }
            scores.change(last) { $0 + Float(entry.bias) }
        }
    }

    /// `NoBadWordsLogitsProcessor`
    func forbidBadWords(in scores: Scores, after history: TokenHistory) {
        for word in badWords {
            if let last = completed(word, after: history) { scores.set(last, to: -.infinity) }
        }
    }

    /// The token that would complete a sequence; nil if the text does not end with what is in front of it.
    private func completed(_ sequence: [Int32], after history: TokenHistory) -> Int32? {
        history.ends(with: sequence.dropLast()) ? sequence.last : nil
    }
}
