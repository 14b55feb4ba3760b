/// The rules by which a text is generated, as far as a request or the file generation_config.json says so: the
/// parameters of `generate`.
///
/// A setting that is nil is left to the next who may say: a request stands above the file, the file above the defaults
/// of the pipeline, and these above those of `generate`.
public struct GenerationOptions: TaskOptions, Equatable {
    // MARK: Lengths

    /// Tokens that are generated at most; stands above ``maxLength``. With 0 the prompt is computed alone.
    public var maxNewTokens: Int?
    /// Tokens of prompt and answer together at most.
    public var maxLength: Int?
    /// Tokens that are generated at least; stands above ``minLength``.
    public var minNewTokens: Int?
    /// Tokens of prompt and answer together at least.
    public var minLength: Int?
    /// Texts at which the answer ends.
    public var stopStrings: [String]?

    // MARK: Strategy

    /// True if tokens are drawn at random by their probabilities; if not, the likeliest is taken.
    public var doSample: Bool?
    /// Beams of a beam search; 1 for none.
    public var numBeams: Int?
    /// The rule by which a beam search ends.
    public var earlyStopping: EarlyStopping?
    /// The power of its length that the score of a beam is divided by.
    public var lengthPenalty: Double?
    /// Answers for each prompt.
    public var numReturnSequences: Int?
    /// The seed of the random numbers.
    public var seed: UInt64?

    // MARK: What sampling draws from

    /// The divisor of scores.
    public var temperature: Double?
    /// The share of the entropy that the likeliest tokens may have together.
    public var topH: Double?
    /// The number of likeliest tokens that remain; 0 for all.
    public var topK: Int?
    /// The probability that the likeliest tokens have to have together.
    public var topP: Double?
    /// The probability that a token has to have, as a share of the greatest.
    public var minP: Double?
    /// The probability that the most typical tokens have to have together.
    public var typicalP: Double?
    /// The probability that a token has to have.
    public var epsilonCutoff: Double?
    /// The probability that a token has to have, less where the distribution is flat.
    public var etaCutoff: Double?

    // MARK: Changes of scores

    /// The divisor of scores of tokens that are there already.
    public var repetitionPenalty: Double?
    /// The factor of scores of tokens of the prompt.
    public var encoderRepetitionPenalty: Double?
    /// A number that is taken from the score of a token that has been generated.
    public var presencePenalty: Double?
    /// A number that is taken from the score of a token for each time that it has been generated.
    public var frequencyPenalty: Double?
    /// Tokens of the sequences that may not occur twice; 0 for none.
    public var noRepeatNgramSize: Int?
    /// Tokens of the sequences of the prompt that may not occur in the answer; 0 for none.
    public var encoderNoRepeatNgramSize: Int?
    /// Numbers that are added to the scores of the last tokens of sequences.
    public var sequenceBias: [SequenceBias]?
    /// Numbers that are added to the scores of tokens.
    public var logitBias: [Int32: Double]?
    /// Sequences of tokens that may not occur.
    public var badWordsIds: [[Int32]]?
    /// Tokens that may not occur.
    public var suppressTokens: [Int32]?
    /// Tokens that the answer may not begin with.
    public var beginSuppressTokens: [Int32]?
    /// The token that follows a prompt of one token.
    public var forcedBosTokenId: Int32?
    /// The tokens one of which is the last where the answer is as long as it may be.
    public var forcedEosTokenId: [Int32]?
    /// True if infinite scores, and those that are no number, are replaced.
    public var removeInvalidValues: Bool?
    /// The growth of the scores of end tokens with the length of the answer.
    public var exponentialDecayLengthPenalty: ExponentialDecay?
    /// True if scores are made logarithms of probabilities again in the end.
    public var renormalizeLogits: Bool?

    // MARK: Special tokens

    /// The token that a prompt without any begins with.
    public var bosTokenId: Int32?
    /// The tokens that end an answer.
    public var eosTokenId: [Int32]?
    /// Tokens that end an answer, too, beside those; nil for none.
    public var stopTokenIds: [Int32]?
    /// The token that fills up.
    public var padTokenId: Int32?

    // MARK: Structure

    /// The form that the text has to have; nil for any.
    public var structure: OutputStructure?

    // MARK: What is told

    /// The number of likeliest tokens that are told at each place, beside the one that was taken.
    public var logprobs: Int?
    /// The number of likeliest tokens that are told at each place of the prompt, beside the one that stands there.
    public var promptLogprobs: Int?

    /// Nothing is said.
    public init() {}
}

/// The rule by which a beam search ends, as `early_stopping` says.
public enum EarlyStopping: Sendable, Equatable {
    /// It ends when there are as many finished beams as are searched for.
    case always
    /// It ends when a running beam of its present length would not be better than the worst of the finished ones.
    case heuristic
    /// It ends when no running beam can become better than the worst of the finished ones.
    case never
}

/// A number that is added to the score of a token that completes a sequence.
public struct SequenceBias: Sendable, Equatable {
    /// The sequence, which has a token at least.
    public var tokens: [Int32]
    /// The number that is added.
    public var bias: Double

    /// A sequence and what is added where it is completed.
    public init(tokens: [Int32], bias: Double) { (self.tokens, self.bias) = (tokens, bias) }
}

/// The growth of the scores of end tokens with the length of the answer, as `exponential_decay_length_penalty` says.
public struct ExponentialDecay: Sendable, Equatable {
    /// Generated tokens behind which it begins.
    public var start: Int
    /// The factor of each token.
    public var factor: Double

    /// The number of tokens behind which it begins, and the factor of each token.
    public init(start: Int, factor: Double) { (self.start, self.factor) = (start, factor) }
}
