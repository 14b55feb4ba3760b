import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// `sentence-similarity`: embeddings of texts by a sentence-transformers checkpoint, or how alike they are.
public struct SentenceSimilarity: PipelineTask {
    /// What is asked.
    public enum Input: Sendable {
        /// The embedding of a text.
        case text(String)
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
        /// Whether texts that are too long are cut.
        public var truncates = true
        /// The end at which they are cut.
        public var truncationSide = Truncation.Direction.right

        /// The defaults.
        public init() {}
    }

    /// The answer to an input.
    public enum Output: Sendable {
        /// The embedding of a text.
        case embedding([Float])
        /// The similarity of each sentence to the source.
        case similarities([Float])
    }

    private let encoder: TextEncoder
    private let modules: [SentenceModule]
    private let configuration: SentenceConfiguration
    /// The length of an embedding.
    private let width: Int

    /// Bytes of the longest prompt that a request may bring: it is computed again with each text.
    private static let longestPrompt = 8192
}

extension SentenceSimilarity: TaskSteps {
    package static let readout = Readout.hiddenStates

    package struct Plan: Sendable {
        fileprivate let prompt: String
        fileprivate let promptTokens: Int
        fileprivate let normalizes: Bool?
        fileprivate let tokenization: TokenizerArguments
    }

    /// What the embeddings of an input's sequences are for.
    package enum Question: Sendable {
        case embedding
        /// The first is compared with each of the others.
        case similarities
    }

    package init(_ resources: TaskResources) throws {
        guard let modules = try SentenceModules(directory: resources.directory) else {
            throw PipelineError(
                .unsupportedTask,
                "\(resources.directory) has no modules.json: it is no sentence-transformers checkpoint")
        }
        self.modules = try modules.load(for: resources.engine)
        guard case .pooling = self.modules.first else {
            throw PipelineError(
                .unsupportedTask, "the modules.json of \(resources.directory) has no Pooling behind the Transformer")
        }
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
        configuration = try SentenceConfiguration(resources)
        width = try self.modules.reduce(resources.limits.hiddenSize) { width, module in
            switch module {
            case .pooling(let pooling): return width * pooling.modes.count
            case .dense(let dense):
                guard dense.inputs == width else {
                    throw PipelineError(
                        .unsupportedTask,
                        "a Dense module takes vectors of \(dense.inputs), but the module before it gives \(width)")
                }
                return dense.outputs
            case .normalize: return width
            }
        }
    }

    package func plan(_ options: Options, in scope: RequestScope) throws(PipelineError) -> Plan {
        let prompt = try prompt(options)
        var tokenization = TokenizerArguments()
        tokenization.truncation = options.truncates ? .cut(.longestFirst) : TokenizerArguments.TruncationRule.none
        tokenization.truncationSide = options.truncationSide
        tokenization.maxLength = configuration.maxSequenceLength
        return Plan(
            prompt: prompt, promptTokens: prompt.isEmpty ? 0 : try tokens(ofPrompt: prompt, tokenization),
            normalizes: options.normalizes, tokenization: tokenization)
    }

    package func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<Question> {
        let (texts, question): ([String], Question) =
            switch input {
            case .text(let text): ([text], .embedding)
            case .comparison(let source, let sentences): ([source] + sentences, .similarities)
            }
        let written = if case .similarities = question { AnswerSize.number } else { width * AnswerSize.number }
        let answerBytes = AnswerSize.product(texts.count, width * MemoryLayout<Float>.size + written)
        try scope.require(answerBytes: answerBytes)
        var sequences: [ModelInput] = []
        var pace = scope.pace
        for text in texts {
            try await pace.step()
            let encoding = try encoder.encode(.text(prepared(plan.prompt + text)), plan.tokenization)
            sequences.append(ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs, reading: Self.readout))
        }
        return PreparedInput(sequences, question, answerBytes: answerBytes)
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout [Float]?
    ) throws(PipelineError) {
        try rows.requireFinite()
        var vector: [Float] = []
        for module in modules {
            switch module {
            case .pooling(let pooling): vector = pooling.pool(rows, promptTokens: plan.promptTokens)
            case .dense(let dense): vector = try dense.apply(vector, on: cpu)
            case .normalize: if plan.normalizes != false { vector = Embeddings.normalized(vector) }
            }
        }
        if plan.normalizes == true { vector = Embeddings.normalized(vector) }
        guard vector.allSatisfy(\.isFinite) else {
            throw PipelineError(.nonFiniteOutput, "the model computed an embedding that is no finite vector")
        }
        reading = vector
    }

    package func output(
        _ embeddings: ArraySlice<[Float]>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        let first = embeddings[embeddings.startIndex]
        guard case .similarities = question else { return .embedding(first) }
        var scores: [Float] = []
        for embedding in embeddings.dropFirst() {
            try scope.check()
            scores.append(configuration.similarity.score(first, embedding))
        }
        return .similarities(scores)
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

    private func prepared(_ text: String) -> String { configuration.lowercases ? text.lowercased() : text }

    /// The tokens that a prompt takes at the start of a sequence: all but the special token that ends it.
    private func tokens(ofPrompt prompt: String, _ arguments: TokenizerArguments) throws(PipelineError) -> Int {
        let encoding = try encoder.encode(.text(prepared(prompt)), arguments)
        return encoding.specialTokensMask.last == true ? encoding.ids.count - 1 : encoding.ids.count
    }
}
