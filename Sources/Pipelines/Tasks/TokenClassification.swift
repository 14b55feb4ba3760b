import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// `token-classification`: the label of each token of a text, or of the entities that tokens form together.
public struct TokenClassification: PipelineTask {
    /// A text, whole or in words.
    public enum Input: Sendable, ExpressibleByStringLiteral {
        /// A text.
        case text(String)
        /// Words that stand in a text with this between them.
        case words([String], delimiter: String = " ")

        /// A text.
        public init(stringLiteral text: String) { self = .text(text) }
    }

    /// A rule by which tokens form entities.
    public enum Aggregation: String, Sendable {
        /// Not at all.
        case none
        /// Neighbours of the same kind together.
        case simple
        /// The tokens of a word have the label of its first.
        case first
        /// The tokens of a word have the label of their mean.
        case average
        /// The tokens of a word have the label of the one that is surest.
        case max
    }

    /// The options of how texts are labelled.
    public struct Options: TaskOptions {
        /// Nil for none, and then texts may be labelled in pieces all the same.
        public var aggregation: Aggregation?
        /// Labels that are left out.
        public var ignoredLabels = ["O"]
        /// The count of tokens that the pieces of a long text have in common; nil for cutting it off.
        public var stride: Int?
        /// The place of each token in its text, special tokens included, instead of what the tokenizer says.
        public var offsets: [Range<Int>]?
        /// True if lists are words of one text, and below it what stands between them; as clients say it in JSON.
        var isSplitIntoWords = false
        var delimiter = " "

        /// The defaults.
        public init() {}
    }

    /// A labelled part of a text.
    public struct Entity: Sendable {
        /// The label; of an aggregated entity, without the prefix that tells where it begins.
        public let label: String
        /// The label's probability; of an aggregated entity, its mean.
        public let score: Float
        /// The token's number in its sequence; nil for an aggregated entity.
        public let index: Int?
        /// The token, or the text of the entity.
        public let word: String
        /// The place in the text, in Unicode scalars.
        public let range: Range<Int>
    }

    /// The entities of a text, in their order.
    public typealias Output = [Entity]

    private let encoder: TextEncoder
    private let labels: LabelNames

    /// Tokens of all pieces of a text together: the closer the stride to the length of a piece, the more there are.
    private static let mostTokens = 1 << 22
    /// Bytes of the longest delimiter: it stands in the text as often as there are words.
    private static let longestDelimiter = 16
}

extension TokenClassification: TaskSteps {
    package static let readout = Readout.tokenLogits

    /// A text and its tokens, in pieces.
    package struct Question: Sendable {
        let text: String
        let pieces: [Encoding]
        /// The starts of the words in the text, in scalars; nil if it was not given in words.
        let wordStarts: [Int]?
    }

    /// The labels of the tokens of a piece.
    package struct Reading: Sendable {
        var best: [(label: Int, score: Float)] = []
        /// The probabilities of all labels of each token, one token after the other, if means are made of them.
        var all: [Float] = []
    }

    package init(_ resources: TaskResources) throws {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
        labels = try LabelNames(resources.checkpoint.config)
    }

    package func plan(_ options: Options, in scope: RequestScope) throws(PipelineError) -> Options {
        guard let stride = options.stride else { return options }
        guard options.aggregation != Aggregation.none else {
            throw PipelineError(
                .invalidParameter,
                "parameter stride needs an aggregation_strategy other than \"none\", which puts the pieces together")
        }
        guard stride < encoder.longest else {
            throw PipelineError(
                .invalidParameter,
                "parameter stride is \(stride), but has to be less than the \(encoder.longest) tokens of a sequence")
        }
        return options
    }

    package func prepare(
        _ input: Input, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> PreparedInput<Question> {
        let question = try question(input, options)
        var (tokens, wordBytes) = (0, 0)
        for piece in question.pieces {
            try encoder.check(piece, remedy: "shorten it")
            tokens += piece.count
            wordBytes += self.wordBytes(of: piece)
        }
        let bytesPerToken = labels.longestBytes + 4 * AnswerSize.number + 96
        let kept = options.aggregation == .average ? AnswerSize.product(tokens, 4 * labels.count) : 0
        // The text is gone through by scalars, of four bytes each.
        let text = AnswerSize.product(question.text.utf8.count, 4)
        return PreparedInput(
            question.pieces.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs, reading: Self.readout) }, question,
            answerBytes: AnswerSize.sum(tokens * bytesPerToken + wordBytes + kept, text))
    }

    /// Bytes of the words of a piece in JSON: the tokens' own, or the text that an unknown one stands for.
    private func wordBytes(of piece: Encoding) -> Int {
        let mostBytesPerScalar = 6
        let unknown = encoder.tokenizer.unkTokenID
        return zip(zip(piece.ids, piece.offsets), encoder.tokenizer.tokens(of: piece)).reduce(0) { sum, token in
            let (id, offsets) = token.0
            return sum + (id == unknown ? mostBytesPerScalar * offsets.count : JSONWriter.quotedBytes(token.1))
        }
    }

    /// - Throws: ``PipelineError`` if the pieces of a text could have too many tokens together; hardly any token stands for
    ///   less than a byte.
    private func checkPieces(of text: String, _ options: Options) throws(PipelineError) {
        guard let stride = options.stride else { return }
        let step = max(1, encoder.longest - encoder.tokenizer.addedTokens(isPair: false) - stride)
        guard AnswerSize.product(text.utf8.count / step, encoder.longest) <= Self.mostTokens else {
            throw PipelineError(
                .answerTooLarge,
                "with a stride of \(stride) the text has too many pieces; lower the stride, or send a shorter text")
        }
    }

    private func question(_ input: Input, _ options: Options) throws(PipelineError) -> Question {
        let pieces: Encoding
        var wordStarts: [Int]?
        let text: String
        switch input {
        case .text(let whole):
            text = whole
            try checkPieces(of: text, options)
            pieces = try encoder.encode(.text(whole), truncation: truncation(options))
        case .words(let words, let delimiter):
            guard delimiter.utf8.count <= Self.longestDelimiter else {
                throw PipelineError(
                    .invalidParameter,
                    "parameter delimiter has \(delimiter.utf8.count) bytes, but at most \(Self.longestDelimiter) are "
                        + "possible")
            }
            text = words.joined(separator: delimiter)
            try checkPieces(of: text, options)
            var (starts, start) = ([Int](), 0)
            for word in words {
                starts.append(start)
                start += word.unicodeScalars.count + delimiter.unicodeScalars.count
            }
            wordStarts = starts
            pieces = try encoder.encode(.words(words), truncation: truncation(options))
        }
        guard !pieces.ids.isEmpty else { throw PipelineError(.invalidInputs, "the text has no tokens") }
        var first = pieces
        first.overflowing = []
        if let offsets = options.offsets {
            guard offsets.count >= first.count else {
                throw PipelineError(
                    .invalidParameter,
                    "parameter offset_mapping has \(offsets.count) places, but the text has \(first.count) tokens")
            }
            first.offsets = Array(offsets.prefix(first.count))
        }
        return Question(text: text, pieces: [first] + pieces.overflowing, wordStarts: wordStarts)
    }

    /// As upstream, texts are cut to the length that the tokenizer is made for, if that is one.
    private func truncation(_ options: Options) -> Truncation? {
        guard let length = encoder.tokenizer.configuration.modelMaxLength else { return nil }
        return Truncation(
            // Nothing is lost of a text that is read in pieces.
            maxLength: options.stride == nil ? encoder.cutLength(length) : encoder.longest,
            stride: options.stride ?? 0,
            direction: encoder.tokenizer.configuration.truncationSide, returnOverflowingTokens: options.stride != nil)
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ options: Options, on cpu: CPU,
        into reading: inout Reading?
    ) throws(PipelineError) {
        try rows.requireFinite()
        reading = reading ?? Reading()
        for row in 0..<rows.rows {
            let scores = rows.row(row)
            cpu.softmax(scores)
            var best = 0
            for label in scores.indices where scores[label] > scores[best] { best = label }
            reading?.best.append((best, scores[best]))
            if options.aggregation == .average { reading?.all.append(contentsOf: scores) }
        }
    }

    package func output(
        _ readings: ArraySlice<Reading>, _ question: Question, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        let finder = EntityFinder(
            question, options, labels, encoder.tokenizer, scalars: Array(question.text.unicodeScalars))
        var entities: Output = []
        for (piece, reading) in zip(question.pieces, readings) {
            try scope.check()
            entities += finder.entities(of: piece, reading)
        }
        return question.pieces.count > 1 ? EntityFinder.withoutOverlaps(entities) : entities
    }
}
