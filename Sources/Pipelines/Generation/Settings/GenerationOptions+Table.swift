import PenstockJSON

extension GenerationOptions {
    /// Beams, and answers for each prompt, at most: each takes memory and is computed in each step.
    private static let most = (beams: 64, answers: 128, logprobs: 100)
    private static let anyLength = Int(Int32.max)

    /// The parameters that are also keys of generation_config.json.
    static let keys = (lengths + numbersOfStrategy + numbersOfSampling + numbersOfScores).map(\.option) + others

    /// The parameters of a request.
    package static let options = OptionTable<GenerationOptions>(keys + ofRequests.map(\.option) + othersOfRequests)

    /// Checks the numbers that a program has set.
    func requireBounds() throws(PipelineError) {
        let bounded = [
            Self.lengths, Self.numbersOfStrategy, Self.numbersOfSampling, Self.numbersOfScores, Self.ofRequests,
        ]
        for option in bounded.joined() { try option.check(self) }
    }

    private static let lengths: [BoundedOption] = [
        .integer("max_new_tokens", \.maxNewTokens, 0...anyLength, "Tokens that are generated at most; 0 for none."),
        .integer("max_length", \.maxLength, 1...anyLength, "Tokens of prompt and answer together at most."),
        .integer("min_new_tokens", \.minNewTokens, 0...anyLength, "Tokens that are generated at least."),
        .integer("min_length", \.minLength, 0...anyLength, "Tokens of prompt and answer together at least."),
    ]

    private static let numbersOfStrategy: [BoundedOption] = [
        .integer("num_beams", \.numBeams, 1...most.beams, "Beams of a beam search; 1 for none."),
        .number("length_penalty", \.lengthPenalty, .any, "The power of its length that a beam's score is divided by."),
        .integer("num_return_sequences", \.numReturnSequences, 1...most.answers, "Answers for each prompt."),
    ]

    private static let numbersOfSampling: [BoundedOption] = [
        .number("temperature", \.temperature, .atLeast(0), "What scores are divided by before tokens are drawn."),
        .number("top_h", \.topH, .above(0, upTo: 1), "The share of the entropy that the likeliest tokens may have."),
        .integer("top_k", \.topK, 0...anyLength, "How many of the likeliest tokens remain; 0 for all."),
        .number("top_p", \.topP, .from(0, to: 1), "The probability that the likeliest tokens have to have together."),
        .number("min_p", \.minP, .from(0, to: 1), "The probability of a token at least, as a share of the greatest."),
        .number(
            "typical_p", \.typicalP, .above(0, upTo: 1), "The probability that the most typical tokens have to have."),
        .number("epsilon_cutoff", \.epsilonCutoff, .from(0, to: 1), "The probability of a token at least."),
        .number("eta_cutoff", \.etaCutoff, .from(0, to: 1), "The same, but less where all tokens are about as likely."),
    ]

    private static let numbersOfScores: [BoundedOption] = [
        .number(
            "repetition_penalty", \.repetitionPenalty, .above(0), "Makes tokens that are there already less likely."),
        .number(
            "encoder_repetition_penalty", \.encoderRepetitionPenalty, .above(0), "Makes the prompt's tokens likelier."),
        .integer("no_repeat_ngram_size", \.noRepeatNgramSize, 0...anyLength, "Size of sequences that may occur once."),
        .integer(
            "encoder_no_repeat_ngram_size", \.encoderNoRepeatNgramSize, 0...anyLength,
            "Size of sequences of the prompt that may not occur again."),
    ]

    private static let others: [TaskOption<GenerationOptions>] = [
        stops("stop_strings", "Texts at which an answer ends."),
        .flag("do_sample", \.doSample, "Draw tokens at random by their probabilities."),
        .choice(
            "early_stopping", \.earlyStopping,
            [(.bool(true), .always), (.bool(false), .heuristic), (.string("never"), .never)],
            "Whether a beam search ends when there are as many finished beams as are searched for."),
        sequenceBias,
        idLists("bad_words_ids", \.badWordsIds, "Sequences of tokens that may not occur."),
        ids("suppress_tokens", \.suppressTokens, "Tokens that may not occur."),
        ids("begin_suppress_tokens", \.beginSuppressTokens, "Tokens that an answer may not begin with."),
        id("forced_bos_token_id", \.forcedBosTokenId, "The token that follows a prompt of one token."),
        idOrIDs("forced_eos_token_id", \.forcedEosTokenId, "The last token of an answer that is as long as it may be."),
        .flag("remove_invalid_values", \.removeInvalidValues, "Replace scores that are no finite numbers."),
        exponentialDecay,
        .flag("renormalize_logits", \.renormalizeLogits, "Make scores logarithms of probabilities again in the end."),
        id("bos_token_id", \.bosTokenId, "The token that a prompt without any begins with."),
        idOrIDs("eos_token_id", \.eosTokenId, "The tokens that end an answer."),
        id("pad_token_id", \.padTokenId, "The token that fills up; nothing is."),
    ]

    private static let ofRequests: [BoundedOption] = [
        .integer(
            "logprobs", \.logprobs, 0...most.logprobs, "Tell how likely tokens are, and so many of the likeliest."),
        .integer(
            "prompt_logprobs", \.promptLogprobs, 0...most.logprobs,
            "The same of the prompt's tokens, which details tell as prefill."),
        .number("presence_penalty", \.presencePenalty, .from(-2, to: 2), "Taken from scores of tokens that are there."),
        .number(
            "frequency_penalty", \.frequencyPenalty, .from(-2, to: 2), "The same, for each time that they are there."),
    ]

    private static let othersOfRequests: [TaskOption<GenerationOptions>] = [
        stops("stop_sequence", "The same as stop_strings."),
        stops("stop", "The same as stop_strings."),
        .integer("seed", atLeast: 0, fallback: nil, "What random numbers depend on.") { $0.seed = UInt64($1) },
        logitBias,
        grammar,
    ]
}
