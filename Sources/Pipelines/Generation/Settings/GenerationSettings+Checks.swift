extension GenerationSettings {
    /// Candidates of a step of a beam search at most: each is looked at in each step.
    private static let mostCandidates = 1024

    /// - Throws: ``PipelineError`` for settings that contradict each other.
    func requireMeaning() throws(PipelineError) {
        if doSample, temperature == 0 {
            throw Self.invalid("temperature has to be above 0 where tokens are drawn; set do_sample to false")
        }
        // Scores of some hundred would be infinite when they are divided by less.
        if doSample, temperature < 1e-30 {
            throw Self.invalid("temperature has to be at least 1e-30 where tokens are drawn; set do_sample to false")
        }
        if numBeams > 1, numReturnSequences > numBeams {
            throw Self.invalid("num_return_sequences is \(numReturnSequences), but num_beams only \(numBeams)")
        }
        if numBeams > 1, candidates > Self.mostCandidates {
            throw Self.invalid(
                "num_beams is \(numBeams), which with \(eosTokenIds.count) end tokens (eos_token_id) makes \(candidates) "
                    + "candidates for each step; \(Self.mostCandidates) are the most, so ask for fewer beams")
        }
        if numBeams == 1, numReturnSequences > 1, !doSample {
            throw Self.invalid(
                "num_return_sequences is \(numReturnSequences), but without do_sample and num_beams all answers are "
                    + "the same")
        }
        if numBeams > 1, logprobs != nil { throw Self.invalid("logprobs are not told of a beam search") }
        if numBeams > 1, promptLogprobs != nil { throw Self.invalid("prompt_logprobs are not told of a beam search") }
        if numBeams > 1, endsBehindPrompt {
            throw Self.invalid("max_new_tokens is 0, which leaves nothing to search for; set num_beams to 1")
        }
        let suppressed = Set(suppressTokens)
        let forced = [
            ("forced_bos_token_id", [forcedBosTokenId].compactMap(\.self)), ("forced_eos_token_id", forcedEosTokenId),
        ]
        if structure != nil {
            if numBeams > 1 { throw Self.invalid("grammar: a beam search does not follow one; set num_beams to 1") }
            if let name = forced.first(where: { !$0.1.isEmpty })?.0 {
                throw Self.invalid("\(name): a grammar says which tokens may come; leave one of the two out")
            }
        }
        for (name, ids) in forced where !ids.isEmpty && suppressed.isSuperset(of: ids) {
            throw Self.invalid("\(name) forces tokens that suppress_tokens forbids")
        }
    }

    /// - Throws: ``PipelineError`` for tokens that the model does not have, where upstream fails for them, too.
    func requireTokens(vocabularySize: Int) throws(PipelineError) {
        let named: [(String, [Int32])] = [
            ("sequence_bias", sequenceBias.flatMap(\.tokens)), ("logit_bias", Array(logitBias.keys)),
            ("bad_words_ids", badWordsIds.flatMap(\.self)),
            ("forced_bos_token_id", [forcedBosTokenId].compactMap(\.self)), ("forced_eos_token_id", forcedEosTokenId),
        ]
        for (name, ids) in named {
            guard let id = ids.first(where: { $0 < 0 || Int($0) >= vocabularySize }) else { continue }
            throw Self.invalid("\(name) names the token \(id), but the model has \(vocabularySize)")
        }
    }

    private static func invalid(_ message: String) -> PipelineError {
        PipelineError(.invalidParameter, "parameter \(message)")
    }
}
