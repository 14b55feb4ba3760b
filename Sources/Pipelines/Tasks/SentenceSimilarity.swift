import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// `sentence-similarity`: embeddings of texts by a sentence-transformers checkpoint, or how alike they are.
public struct SentenceSimilarity: PipelineTask {
    /// What is asked.
    public enum Input: Sendable {
        /// The embedding of a text.
        case text(String)
        /// The embedding of a text whose tokens are these, by their ids in the checkpoint's vocabulary.
        case tokens([Int32])
        /// How alike each of some sentences is to a source.
        case comparison(source: String, sentences: [String])
    }

    /// How embeddings are made.
    public struct Options: TaskOptions {
        /// A text put before each sentence; nil for the prompt of ``promptName``.
        public var prompt: String?
        /// The name of a prompt of the checkpoint; nil for its default.
        public var promptName: String?
        /// Whether embeddings get length 1; nil for what the checkpoint says.
        public var normalizes: Bool?
        /// How many numbers of an embedding are kept, before ``normalizes``; nil for what the checkpoint says.
        public var truncateDim: Int?
        /// How embeddings are given.
        public var encoding = EmbeddingEncoding()
        /// Whether texts that are too long are cut; nil for what the checkpoint says.
        public var truncates: Bool?
        /// The end at which they are cut; nil for what the checkpoint says.
        public var truncationSide: Truncation.Direction?

        /// The defaults.
        public init() {}
    }

    /// The answer to an input.
    public enum Output: Sendable {
        /// The embedding of a text.
        case embedding(EmbeddingVector)
        /// The similarity of each sentence to the source.
        case similarities([Float])
    }

    private let encoder: TextEncoder
    private let chain: SentenceChain
    private let configuration: SentenceConfiguration
    /// How texts are tokenized if a request asks for nothing else.
    private let tokenization: TokenizerArguments
    /// The length of an embedding before it is cut.
    private let width: Int

    /// Bytes of the longest prompt that a request may bring: it is computed again with each text.
    private static let longestPrompt = 8192
}

extension SentenceSimilarity: TaskSteps {
    package static let readout = Readout.hiddenStates

    package struct Plan: Sendable {
        fileprivate let prompt: String
        fileprivate let text: SentenceText
        fileprivate let width: Int
        fileprivate let encoding: EmbeddingEncoding
        fileprivate let tokenization: TokenizerArguments
    }

    /// What the embeddings of an input's sequences are for.
    package enum Question: Sendable {
        case embedding
        /// The first is compared with each of the others.
        case similarities
    }

    package static func planLayers(
        of files: CheckpointFiles, _ limits: ModelLimits, for target: LoadTarget
    ) throws {
        // Without modules the task cannot be made, as it says itself.
        guard let modules = try SentenceModules(directory: files.directory) else { return }
        _ = try modules.chain(hiddenSize: limits.hiddenSize, for: target)
    }

    package init(_ resources: TaskResources) throws {
        guard let modules = try SentenceModules(directory: resources.directory) else {
            throw PipelineError(
                .unsupportedTask,
                "\(resources.directory) has no modules.json: it is no sentence-transformers checkpoint")
        }
        configuration = try SentenceConfiguration(directory: resources.directory)
        chain = try modules.chain(hiddenSize: resources.limits.hiddenSize, for: resources.target)
        width = chain.width ?? 0
        let settings = try TransformerSettings(directory: resources.checkpoint.directory)
        encoder = TextEncoder(
            tokenizer: settings.lowercases ? resources.tokenizer.lowercasing() : resources.tokenizer,
            limits: resources.limits)
        tokenization = TokenizerArguments(settings, for: encoder)
    }

    package func plan(_ options: Options, in scope: RequestScope) throws(PipelineError) -> Plan {
        let prompt = try prompt(options)
        var tokenization = self.tokenization
        if let truncates = options.truncates {
            tokenization.truncation = truncates ? .cut(.longestFirst) : TokenizerArguments.TruncationRule.none
        }
        tokenization.truncationSide = options.truncationSide ?? tokenization.truncationSide
        let text = SentenceText(
            promptTokens: prompt.isEmpty ? 0 : try tokens(ofPrompt: prompt, tokenization),
            normalizes: options.normalizes, dimensions: try dimensions(options))
        let width = min(self.width, text.dimensions ?? self.width)
        try options.encoding.check(width: width)
        return Plan(prompt: prompt, text: text, width: width, encoding: options.encoding, tokenization: tokenization)
    }

    package func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<Question> {
        let (texts, question): ([String], Question) =
            switch input {
            case .text(let text): ([text], .embedding)
            case .tokens: ([], .embedding)
            case .comparison(let source, let sentences): ([source] + sentences, .similarities)
            }
        if case .similarities = question, !plan.encoding.isPlain {
            throw PipelineError(
                .invalidParameter,
                "the parameters precision, ranges and encoding_format are for embeddings, but similarities are asked for"
            )
        }
        let written =
            if case .similarities = question { AnswerSize.number } else { plan.encoding.answerBytes(width: plan.width) }
        let answerBytes = AnswerSize.product(max(1, texts.count), width * MemoryLayout<Float>.size + written)
        try scope.require(answerBytes: answerBytes)
        var sequences: [ModelInput] = []
        var pace = scope.pace
        for text in texts {
            try await pace.step()
            sequences.append(try sequence(.text(plan.prompt + text), plan))
        }
        if case .tokens(let ids) = input { sequences.append(try sequence(.tokens(tokens(ids, plan)), plan)) }
        return PreparedInput(sequences, question, answerBytes: answerBytes)
    }

    private func sequence(_ input: Tokenizer.Input, _ plan: Plan) throws(PipelineError) -> ModelInput {
        let encoding = try encoder.encode(input, plan.tokenization)
        return ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs, reading: Self.readout)
    }

    /// The tokens of the prompt, and behind them those of a client.
    private func tokens(_ ids: [Int32], _ plan: Plan) throws(PipelineError) -> [Int32] {
        if let id = ids.first(where: { $0 < 0 || $0 >= encoder.limits.vocabularySize }) {
            throw PipelineError(
                .invalidInputs,
                "the token id \(id) is not of the model's vocabulary, which has \(encoder.limits.vocabularySize): send texts, "
                    + "or ids of its own tokenizer; LangChain sends texts with check_embedding_ctx_length=False")
        }
        guard !plan.prompt.isEmpty else { return ids }
        return try encoder.encode(.text(plan.prompt), truncation: nil, addSpecialTokens: false).ids + ids
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout [Float]?
    ) throws(PipelineError) {
        try rows.requireFinite()
        reading = try chain.embedding(of: rows, plan.text, on: cpu)
    }

    package func output(
        _ embeddings: ArraySlice<[Float]>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        let first = embeddings[embeddings.startIndex]
        guard case .similarities = question else { return .embedding(try plan.encoding.encode(first)) }
        var scores: [Float] = []
        for embedding in embeddings.dropFirst() {
            try scope.check()
            scores.append(configuration.similarity.score(first, embedding))
        }
        return .similarities(scores)
    }

    /// How many numbers of an embedding are kept.
    private func dimensions(_ options: Options) throws(PipelineError) -> Int? {
        guard let dimensions = options.truncateDim else { return configuration.truncateDim }
        guard (1...width).contains(dimensions) else {
            throw PipelineError(
                .invalidParameter,
                "parameter truncate_dim (dimensions) is \(dimensions), but it has to be from 1 to \(width), the numbers of an embedding"
            )
        }
        return dimensions
    }

    private func prompt(_ options: Options) throws(PipelineError) -> String {
        if let text = options.prompt {
            guard text.utf8.count <= Self.longestPrompt else {
                throw PipelineError(
                    .invalidParameter,
                    "parameter prompt has \(text.utf8.count) bytes, but at most \(Self.longestPrompt) are possible")
            }
            return text
        }
        guard let name = options.promptName else { return configuration.defaultPrompt ?? "" }
        guard let prompt = configuration.prompts[name] else {
            let known = configuration.prompts.keys.sorted()
            throw PipelineError(
                .invalidParameter,
                "parameter prompt_name: there is no prompt \(name.excerpt)"
                    + (known.isEmpty ? "; the checkpoint has none" : "; known are: \(known.joined(separator: ", "))"))
        }
        return prompt
    }

    /// The tokens that a prompt takes at the start of a sequence: all but the special token that ends it.
    private func tokens(ofPrompt prompt: String, _ arguments: TokenizerArguments) throws(PipelineError) -> Int {
        let encoding = try encoder.encode(.text(prompt), arguments)
        return encoding.specialTokensMask.last == true ? encoding.ids.count - 1 : encoding.ids.count
    }
}
