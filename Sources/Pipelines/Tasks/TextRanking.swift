import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// `text-ranking`: how well texts answer a query, by a cross-encoder, which reads the query and a text together.
public struct TextRanking: PipelineTask {
    /// A query and the texts to rank.
    public struct Input: Sendable {
        /// The query; not empty.
        public var query: String
        /// The texts to rank, at least one.
        public var texts: [String]

        /// A query and the texts to rank.
        public init(query: String, texts: [String]) { (self.query, self.texts) = (query, texts) }
    }

    /// A function that is applied to the output of the model.
    public enum ScoreFunction: Sendable {
        /// Nothing.
        case none
        /// 1/(1 + e^-x)
        case sigmoid
    }

    /// The options of how texts are ranked.
    public struct Options: TaskOptions {
        /// The count of texts that are given, those that fit best; nil for all.
        public var topK: Int?
        /// Nil for what the checkpoint was made for.
        public var function: ScoreFunction?
        /// True if each text is given beside its score.
        public var returnsDocuments = false
        /// A text that says what is asked for, before the query; nil for the prompt of ``promptName``.
        public var prompt: String?
        /// The name of a prompt of the checkpoint; nil for its default.
        public var promptName: String?
        /// The arguments for the tokenizer. Pairs that are too long are cut unless it says otherwise.
        public var tokenization = TokenizerArguments()

        /// The defaults.
        public init() {}
    }

    /// A text's score.
    public struct Score: Sendable {
        /// The text's place among those of the input.
        public let index: Int
        /// The more, the better the text fits.
        public let score: Float
        /// The text, if it was asked for.
        public let text: String?
    }

    /// The scores of the texts, the one that fits best first; equal ones in the order of their texts.
    public typealias Output = [Score]

    private let encoder: TextEncoder
    /// Makes chats of pairs; nil if the model reads them as they are.
    private let chats: PairChats?
    private let prompts: SentenceConfiguration
    private let activation: Activation
    /// The arguments for the tokenizer if a request asks for nothing else.
    private let tokenization: TokenizerArguments
}

extension TextRanking: TaskSteps {
    package static let readout = Readout.sequenceLogits

    package struct Plan: Sendable {
        fileprivate let topK: Int?
        fileprivate let prompt: String
        fileprivate let activation: Activation
        fileprivate let tokenization: TokenizerArguments
        fileprivate let returnsDocuments: Bool
    }

    package static func obstacle(in files: CheckpointFiles) throws -> String? {
        guard files.scoring == nil else { return nil }
        let labels = try files.checkpoint.config.labelCount()
        return labels == 1 ? nil : "it gives \(labels) labels, and ranking takes one label, a score"
    }

    package static var takesPrompts: Bool { true }

    /// The output of the model for a text.
    package struct Reading: Sendable {
        /// The output of the head.
        let logit: Float
        /// The score that the activation makes of it.
        let score: Float

        package init(logit: Float, score: Float) { (self.logit, self.score) = (logit, score) }
    }

    package init(_ resources: TaskResources) throws {
        let settings = try CrossEncoderSettings(
            directory: resources.directory, resources.checkpoint, with: resources.prompts)
        activation = settings.activation ?? .sigmoid
        let encoder = TextEncoder(
            tokenizer: settings.transformer.lowercases ? resources.tokenizer.lowercasing() : resources.tokenizer,
            limits: resources.limits)
        self.encoder = encoder
        if !settings.isBare {
            chats = try settings.transformer.chat.map { try PairChats($0, resources, encoder) }
        } else if resources.checkpoint.isGenerator {
            // The pair itself is no prompt of a model that has a template.
            let hasNoTemplate = try ChatPrompts(resources.checkpoint, encoder.tokenizer).hasNoTemplate
            chats = hasNoTemplate ? nil : try PairChats(ChatSettings(), resources, encoder)
        } else {
            chats = try? PairChats(ChatSettings(), resources, encoder)
        }
        prompts = settings.prompts
        tokenization = TokenizerArguments(settings.transformer, for: encoder)
    }

    package func plan(_ options: Options, in scope: RequestScope) throws(PipelineError) -> Plan {
        if let topK = options.topK, topK < 1 {
            throw PipelineError(.invalidParameter, "parameter top_k is \(topK), but has to be at least 1")
        }
        let activation: Activation =
            switch options.function {
            case nil: self.activation
            case .some(.none): .none
            case .sigmoid: .sigmoid
            }
        return Plan(
            topK: options.topK, prompt: try prompts.prompt(options.prompt, named: options.promptName),
            activation: activation, tokenization: tokenization(options.tokenization),
            returnsDocuments: options.returnsDocuments)
    }

    /// Returns the arguments of a request, and those of the checkpoint for what it does not say.
    private func tokenization(_ arguments: TokenizerArguments) -> TokenizerArguments {
        var result = tokenization
        result.maxLength = arguments.maxLength ?? result.maxLength
        result.truncationSide = arguments.truncationSide ?? result.truncationSide
        result.addSpecialTokens = result.addSpecialTokens && arguments.addSpecialTokens
        if let rule = arguments.truncation { result.truncation = rule }
        if case .some(.none) = result.truncation { result.maxLength = nil }
        return result
    }

    package func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<[String]?> {
        guard !input.query.isEmpty else { throw PipelineError(.invalidInputs, "the text is empty").about("query") }
        guard !input.texts.isEmpty else { throw PipelineError(.invalidInputs, "texts is an empty list") }
        var chat = chats.map { PairChats.Query(input.query, behind: plan.prompt, $0) }
        let query = try encoder.tokens(of: chat == nil ? plan.prompt + input.query : "")
        var sequences = RepeatingSequences()
        var answerBytes = 0
        var pace = scope.pace
        for (index, text) in input.texts.enumerated() {
            try await pace.step()
            let encoding: Encoding
            do throws(PipelineError) {
                if let found = try chat?.encoding(with: text, plan.tokenization, in: scope) {
                    encoding = found
                } else {
                    encoding = try encoder.encode(query, pair: encoder.tokens(of: text), plan.tokenization)
                }
            } catch {
                throw error.about("texts[\(index)]")
            }
            sequences.append(encoding, reading: Self.readout, of: .sequence)
            answerBytes += MemoryLayout<Score>.stride + 2 * AnswerSize.number + 32
            if plan.returnsDocuments { answerBytes += text.utf8.count + JSONWriter.quotedBytes(text) }
            try scope.require(answerBytes: sequences.bytes + answerBytes)
        }
        return PreparedInput(
            sequences.inputs, plan.returnsDocuments ? input.texts : nil, answerBytes: sequences.bytes + answerBytes)
    }

    package func read(
        _ rows: Matrix, of index: Int, _ texts: [String]?, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) throws(PipelineError) {
        try rows.requireFinite()
        let scores = rows.row(0)
        // Of the logits of two tokens, the second stands for what does not fit.
        let logit = scores.count == 2 ? scores[0] - scores[1] : scores[0]
        scores[0] = logit
        cpu.activate(scores, plan.activation)
        reading = Reading(logit: logit, score: scores[0])
    }

    package func output(
        _ readings: ArraySlice<Reading>, _ texts: [String]?, _ plan: Plan, in scope: RequestScope
    ) -> Output {
        let readings = Array(readings)
        return Self.ranked(readings).prefix(plan.topK ?? readings.count).map { index in
            Score(index: index, score: readings[index].score, text: texts?[index])
        }
    }

    /// The places of readings, the one with the best score first. A sigmoid rounds high outputs to 1, where the outputs
    /// themselves still tell which is better.
    package static func ranked(_ readings: [Reading]) -> [Int] {
        readings.indices.sorted { first, second in
            let (a, b) = (readings[first], readings[second])
            if a.score != b.score { return a.score > b.score }
            return a.logit != b.logit ? a.logit > b.logit : first < second
        }
    }
}
