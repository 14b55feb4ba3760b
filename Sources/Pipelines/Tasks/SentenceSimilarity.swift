import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// `sentence-similarity`: embeddings of texts by a sentence-transformers checkpoint, or how alike they are.
public struct SentenceSimilarity: PipelineTask {
    /// A text to embed, or texts to compare.
    public enum Input: Sendable {
        /// The embedding of a text.
        case text(String)
        /// The embedding of a text whose tokens are these, by their ids in the checkpoint's vocabulary.
        case tokens([Int32])
        /// A source that each of some sentences is compared with.
        case comparison(source: String, sentences: [String])
    }

    /// The options of how embeddings are made.
    public struct Options: SentenceOptions {
        /// A text put before each sentence; nil for the prompt of ``promptName``.
        public var prompt: String?
        /// The name of a prompt of the checkpoint; nil for its default.
        public var promptName: String?
        /// True if embeddings get length 1; nil for what the checkpoint says.
        public var normalizes: Bool?
        /// The count of numbers of an embedding that are kept, before ``normalizes``; nil for what the checkpoint says.
        public var truncateDim: Int?
        /// The measure by which sentences are compared; nil for what the checkpoint says.
        public var similarity: Similarity?
        /// The form in which embeddings are given.
        public var encoding = EmbeddingEncoding()
        /// True if texts that are too long are cut; nil for what the checkpoint says.
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

    private let texts: SentenceTexts
    private let chain: SentenceChain
    private let configuration: SentenceConfiguration
    /// The length of an embedding before it is cut.
    private let width: Int
}

extension SentenceSimilarity {
    /// The text that a prompt of the checkpoint puts before each sentence.
    ///
    /// - Throws: ``PipelineError`` if there is none of this name
    package func prompt(named name: String) throws(PipelineError) -> String {
        try configuration.prompt(nil, named: name)
    }

    /// The tokens that a text is cut to, special ones included; nil for static embeddings that set no length.
    package var maxTokens: Int? { texts.arguments(truncates: nil, side: nil).maxLength }

    /// The pooling of the hidden states of a text, in the words of Text Embeddings Inference; several with `+` between
    /// them. Static embeddings are the mean of those of the tokens.
    package var pooling: String {
        (chain.poolingModes ?? [.mean]).map { $0 == .lastToken ? "last_token" : $0.rawValue }.joined(separator: "+")
    }
}

extension SentenceSimilarity: TaskSteps {
    package static let readout = Readout.hiddenStates

    package struct Plan: Sendable {
        fileprivate let prompt: String
        fileprivate let text: SentenceText
        fileprivate let width: Int
        fileprivate let encoding: EmbeddingEncoding
        fileprivate let similarity: Similarity
        fileprivate let tokenization: TokenizerArguments
    }

    /// The texts of an input, and what their embeddings are for.
    package struct Question: Sendable {
        /// True if the first is compared with each of the others; if not, there is one, whose embedding is asked for.
        fileprivate let isComparison: Bool
        /// The ids of the tokens of each.
        fileprivate let ids: [[Int32]]
    }

    package typealias Reading = SentenceReading

    package static func obstacle(in files: CheckpointFiles) throws -> String? {
        files.sentenceModel == .embeddings ? nil : files.sentenceModel?.purpose ?? "it \(lacksModules)"
    }

    private static let lacksModules = "has no modules.json: it is no sentence-transformers checkpoint"

    package static var takesPrompts: Bool { true }

    package static func planLayers(
        of files: CheckpointFiles, _ limits: ModelLimits, for target: LoadTarget
    ) throws {
        // Without modules the task cannot be made, as it says itself.
        guard let modules = files.modules else { return }
        _ = try modules.chain(hiddenSize: limits.hiddenSize, for: target)
    }

    package init(_ resources: TaskResources) throws {
        let listed = try SentenceModules(directory: resources.directory)
        guard let modules = listed ?? resources.checkpoint.gguf.flatMap({ SentenceModules($0) }) else {
            throw PipelineError(.unsupportedTask, "\(resources.directory) \(Self.lacksModules)")
        }
        configuration = try SentenceConfiguration(directory: resources.directory, with: resources.prompts)
        chain = try modules.chain(hiddenSize: resources.limits.hiddenSize, for: resources.target)
        width = chain.width ?? 0
        texts = try SentenceTexts(modules.input, resources)
    }

    package func plan(_ options: Options, in scope: RequestScope) throws(PipelineError) -> Plan {
        let prompt = try configuration.prompt(options.prompt, named: options.promptName)
        let tokenization = texts.arguments(truncates: options.truncates, side: options.truncationSide)
        let text = SentenceText(
            promptTokens: prompt.isEmpty ? 0 : try texts.tokens(ofPrompt: prompt, tokenization),
            normalizes: options.normalizes, dimensions: try dimensions(options))
        let width = min(self.width, text.dimensions ?? self.width)
        try options.encoding.check(width: width)
        return Plan(
            prompt: prompt, text: text, width: width, encoding: options.encoding,
            similarity: options.similarity ?? configuration.similarity(or: .cosine), tokenization: tokenization)
    }

    package func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<Question> {
        let (texts, isComparison) = input.texts
        if isComparison, !plan.encoding.isPlain {
            throw PipelineError(
                .invalidParameter,
                "the parameters precision, ranges and encoding_format are for embeddings, but similarities are asked for"
            )
        }
        let written = isComparison ? AnswerSize.number : plan.encoding.answerBytes(width: plan.width)
        let answerBytes = AnswerSize.product(texts.count, width * MemoryLayout<Float>.size + written)
        try scope.require(answerBytes: answerBytes)
        let sequences = try await input.sequences(in: scope) { (text, _) throws(PipelineError) in
            try self.texts.input(text, behind: plan.prompt, plan.tokenization, reading: Self.readout)
        }
        let question = Question(isComparison: isComparison, ids: sequences.map(\.ids))
        return PreparedInput(sequences, question, answerBytes: answerBytes)
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) throws(PipelineError) {
        try rows.requireFinite()
        var text = plan.text
        text.ids = question.ids[index]
        var current = reading ?? Reading()
        reading = nil
        if let feature = current.take(rows, of: text.ids.count, for: chain.input) {
            current.embedding = try chain.embedding(of: feature, text, on: cpu)
        }
        reading = current
    }

    package func output(
        _ readings: ArraySlice<Reading>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        let first = readings[readings.startIndex].embedding
        guard question.isComparison else { return .embedding(try plan.encoding.encode(first)) }
        var scores: [Float] = []
        for reading in readings.dropFirst() {
            try scope.check()
            scores.append(plan.similarity.score(first, reading.embedding))
        }
        return .similarities(scores)
    }

    /// Returns the count of numbers of an embedding that are kept.
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
}

extension SentenceSimilarity.Input {
    /// The texts whose embeddings are needed, and whether the first is compared with each of the others.
    var texts: (texts: [SentenceTexts.Source], isComparison: Bool) {
        switch self {
        case .text(let text): ([.text(text)], false)
        case .tokens(let ids): ([.tokens(ids)], false)
        case .comparison(let source, let sentences): (([source] + sentences).map { .text($0) }, true)
        }
    }

    /// Makes the sequence of each text, in their order.
    ///
    /// - Parameters:
    ///   - scope: asked between texts
    ///   - make: makes the sequence of a text; it is also lent the number of the text
    /// - Throws: what `make` throws; of a comparison with the name of the text that it is about.
    func sequences(
        in scope: RequestScope,
        _ make: (_ text: SentenceTexts.Source, _ index: Int) throws(PipelineError) -> ModelInput
    ) async throws(PipelineError) -> [ModelInput] {
        let (texts, isComparison) = texts
        var sequences: [ModelInput] = []
        var pace = scope.pace
        for (index, text) in texts.enumerated() {
            try await pace.step()
            do throws(PipelineError) {
                sequences.append(try make(text, index))
            } catch {
                throw isComparison ? error.about(index == 0 ? "source_sentence" : "sentences[\(index - 1)]") : error
            }
        }
        return sequences
    }
}
