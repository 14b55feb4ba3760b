import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// `question-answering`: the part of a context that answers a question, as the pipeline of transformers 4 finds it.
public struct QuestionAnswering: PipelineTask {
    /// A question and where its answer is looked for.
    public struct Input: Sendable {
        /// The question; not empty.
        public var question: String
        /// The text in which its answer is looked for; not empty.
        public var context: String

        /// A question and where its answer is looked for.
        public init(question: String, context: String) { (self.question, self.context) = (question, context) }
    }

    /// The options of how answers are looked for.
    public struct Options: TaskOptions {
        /// Answers that are given at most.
        public var topK = 1
        /// Tokens that pieces of a long context have in common; nil for half a sequence, but at most 128.
        public var docStride: Int?
        /// Tokens of the longest answer.
        public var maxAnswerLen = 15
        /// Tokens of the longest sequence of question and context; nil for as many as the tokenizer and the model take, but
        /// at most 384.
        public var maxSeqLen: Int?
        /// Tokens to which the question is cut.
        public var maxQuestionLen = 64
        /// True if it can be an answer that there is none.
        public var handleImpossibleAnswer = false
        /// True if answers begin and end where words do.
        public var alignToWords = true

        /// The defaults.
        public init() {}
    }

    /// A part of the context.
    public struct Answer: Sendable {
        /// The probability of the answer; of one that is found in several places, or several times, the sum.
        public let score: Double
        /// The place in the context, in Unicode scalars; empty at 0 if there is no answer.
        public let range: Range<Int>
        /// The text.
        public let answer: String
    }

    /// The likeliest answers, the likeliest first; none if the context has no tokens.
    public typealias Output = [Answer]

    private let encoder: TextEncoder
    private let kernels: Kernels

    /// Tokens of the longest sequence if nobody says so.
    private static let usualSequence = 384
    /// Tokens that pieces have in common at most if nobody says so.
    private static let usualStride = 128
}

extension QuestionAnswering: TaskSteps {
    package static let readout = Readout.spanLogits

    package struct Plan: Sendable {
        fileprivate let options: Options
        fileprivate let maxSeqLen: Int
        fileprivate let docStride: Int
        /// Spans of a piece that are considered: more than are given, as several can be the same in words.
        fileprivate let spans: Int
    }

    /// A context and the pieces that it is read in.
    package struct Question: Sendable {
        fileprivate let context: String
        fileprivate let pieces: [ContextPiece]
    }

    /// The logits of the tokens of a piece that are read.
    package struct Reading: Sendable {
        fileprivate var starts: [Float] = []
        fileprivate var ends: [Float] = []
    }

    package init(_ resources: TaskResources) throws {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
        kernels = resources.target.turns.kernels
    }

    package func plan(_ options: Options, in scope: RequestScope) throws(PipelineError) -> Plan {
        let maxSeqLen = options.maxSeqLen ?? min(encoder.longest, Self.usualSequence)
        let docStride = options.docStride ?? min(maxSeqLen / 2, Self.usualStride)
        for (name, value, least) in [
            ("top_k", options.topK, 1), ("max_answer_len", options.maxAnswerLen, 1), ("max_seq_len", maxSeqLen, 1),
            ("max_question_len", options.maxQuestionLen, 1), ("doc_stride", docStride, 0),
        ] where value < least {
            throw PipelineError(.invalidParameter, "parameter \(name) is \(value), but has to be at least \(least)")
        }
        guard docStride <= maxSeqLen else {
            throw PipelineError(
                .invalidParameter, "parameter doc_stride is \(docStride), more than max_seq_len, \(maxSeqLen)")
        }
        let spans = options.alignToWords ? AnswerSize.sum(AnswerSize.product(options.topK, 2), 10) : options.topK
        return Plan(options: options, maxSeqLen: maxSeqLen, docStride: docStride, spans: spans)
    }

    package func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<Question> {
        for (name, text) in [("question", input.question), ("context", input.context)] where text.isEmpty {
            throw PipelineError(.invalidInputs, "the text is empty").about(name)
        }
        let question = try encoder.tokens(of: input.question).prefix(plan.options.maxQuestionLen)
        let context = try encoder.tokens(of: input.context)
        var sequences = RepeatingSequences()
        var pieces: [ContextPiece] = []
        var (answerBytes, total) = (input.context.utf8.count * 4, 0)
        var (candidates, longest) = (0, 0)
        var pace = scope.pace
        for encoding in try encodings(question, context, plan, in: scope) {
            try await pace.step()
            try encoder.check(encoding, remedy: "lower max_seq_len")
            let piece = ContextPiece(
                encoding, questionTokens: question.count, clsTokenID: encoder.tokenizer.clsTokenID,
                alignsToWords: plan.options.alignToWords)
            sequences.append(encoding, reading: Self.readout, of: .someTokens(piece.rows))
            pieces.append(piece)
            let spans = AnswerSize.product(piece.context.count, min(plan.options.maxAnswerLen, piece.context.count))
            candidates += min(plan.spans, spans)
            longest = max(longest, piece.longestSpan(tokens: plan.options.maxAnswerLen))
            answerBytes += piece.rows.count * (ContextPiece.bytesPerToken + 2 * MemoryLayout<Float>.stride)
            // Each span that is considered has a text, and what is given has one in JSON, too.
            let (kept, written) = (longest * 4 + 128, longest * 6 + 3 * AnswerSize.number + 64)
            let spanBytes = AnswerSize.sum(
                AnswerSize.product(candidates, kept),
                AnswerSize.product(min(candidates + 1, plan.options.topK), written))
            total = AnswerSize.sum(sequences.bytes + answerBytes, spanBytes)
            try scope.require(answerBytes: total)
        }
        return PreparedInput(
            sequences.inputs, Question(context: input.context, pieces: pieces), answerBytes: total)
    }

    /// The question with each piece of the context.
    private func encodings(
        _ question: TextTokens, _ context: TextTokens, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> [Encoding] {
        let room = plan.maxSeqLen - encoder.tokenizer.addedTokens(isPair: true) - question.count
        var truncation: Truncation?
        if context.count > room {
            guard room > 0 else {
                throw PipelineError(
                    .inputTooLong,
                    "the question has \(question.count) tokens and leaves none for the context of the \(plan.maxSeqLen) of "
                        + "max_seq_len; shorten it, lower max_question_len or raise max_seq_len")
            }
            guard plan.docStride < room else {
                throw PipelineError(
                    .invalidParameter,
                    "parameter doc_stride is \(plan.docStride), but has to be less than the \(room) tokens that "
                        + "max_seq_len and the question leave for a piece of the context")
            }
            let pieces = (context.count - room) / (room - plan.docStride) + 2
            let bytesPerToken = 64
            try scope.require(
                answerBytes: AnswerSize.product(pieces, AnswerSize.product(plan.maxSeqLen, bytesPerToken)))
            truncation = Truncation(
                maxLength: plan.maxSeqLen, strategy: .onlySecond, stride: plan.docStride,
                direction: encoder.tokenizer.configuration.truncationSide, returnOverflowingTokens: true)
        }
        var first = try encoder.encode(question, pair: context, truncation: truncation)
        guard !first.ids.isEmpty else { throw PipelineError(.invalidInputs, "question and context have no tokens") }
        let others = first.overflowing
        first.overflowing = []
        return [first] + others
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) throws(PipelineError) {
        try rows.requireFinite()
        var result = reading ?? Reading()
        reading = nil
        for row in 0..<rows.rows {
            let logits = rows.row(row)
            result.starts.append(logits[0])
            result.ends.append(logits[1])
        }
        reading = result
    }

    package func output(
        _ readings: ArraySlice<Reading>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        var answers = FoundAnswers(in: question.context)
        var nullScore = Double.infinity
        for (piece, reading) in zip(question.pieces, readings) {
            let spans = try AnswerSpans(
                of: piece, starts: reading.starts, ends: reading.ends, count: plan.spans,
                longest: plan.options.maxAnswerLen, kernels, in: scope)
            nullScore = min(nullScore, Double(spans.nullScore))
            for span in spans.best {
                answers.add(piece.place(from: span.first, through: span.last), score: Double(span.score))
            }
        }
        if plan.options.handleImpossibleAnswer { answers.addNone(score: nullScore) }
        return answers.best(plan.options.topK)
    }
}
