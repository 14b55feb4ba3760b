import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// `multi-vector-embeddings`: a vector for each token of a text, for late interaction (`MultiVectorEncoder` of
/// `sentence_transformers`), or how well texts fit a query by them.
public struct MultiVectorEmbeddings: PipelineTask {
    /// A text, or a query and texts to compare it with.
    public typealias Input = SentenceSimilarity.Input

    /// The options of how embeddings are made.
    public struct Options: SentenceOptions {
        /// A text put before each sentence; nil for the prompt of ``promptName``.
        public var prompt: String?
        /// The name of a prompt of the checkpoint; nil for that of the role, or else the default.
        public var promptName: String?
        /// True if texts that are too long are cut; nil for what the checkpoint says.
        public var truncates: Bool?
        /// The end at which they are cut; nil for what the checkpoint says.
        public var truncationSide: Truncation.Direction?
        /// The measure by which texts are compared; nil for what the checkpoint says.
        public var similarity: LateInteraction?
        /// The role of texts; nil if nobody names one, and for comparisons.
        public var role: SentenceRole?
        /// True if vectors get length 1, beside what the checkpoint says.
        public var normalizes = false
        /// The form in which vectors are given.
        public var encoding = EmbeddingEncoding()

        /// The defaults.
        public init() {}
    }

    /// The answer to an input.
    public enum Output: Sendable {
        /// The vectors of the tokens of a text.
        case embedding([EmbeddingVector])
        /// The scores of how well each text fits the query.
        case similarities([Float])
    }

    private let texts: [SentenceRole?: SentenceTexts]
    private let chain: SentenceChain
    private let mask: MultiVectorMask?
    private let configuration: SentenceConfiguration
    private let expansion: QueryExpansion?
    private let expansionID: Int32
    /// The numbers of a vector.
    private let width: Int
}

extension MultiVectorEmbeddings: TaskSteps {
    package static let readout = Readout.hiddenStates

    package struct Plan: Sendable {
        fileprivate let options: Options
        fileprivate let prompts: [SentenceRole?: String]
        fileprivate let similarity: LateInteraction
    }

    /// The question that is asked of the texts of an input.
    package struct Question: Sendable {
        fileprivate let isComparison: Bool
        fileprivate let roles: [SentenceRole?]
        fileprivate let ids: [[Int32]]
    }

    package typealias Reading = TokenVectors

    package static func obstacle(in files: CheckpointFiles) throws -> String? {
        // Masks are not all that makes vectors of tokens: there may be none.
        let pools = files.modules?.kinds.contains("Pooling") == true
        switch files.sentenceModel {
        case nil: return "it has no modules.json: it is no sentence-transformers checkpoint"
        case .tokenVectors: return nil
        case .embeddings where files.modules?.input == .transformer && !pools: return nil
        case let other?: return other.purpose
        }
    }

    package static var takesPrompts: Bool { true }

    package static func isMeant(for files: CheckpointFiles) -> Bool { files.sentenceModel == .tokenVectors }

    package static func planLayers(
        of files: CheckpointFiles, _ limits: ModelLimits, for target: LoadTarget
    ) throws {
        guard let modules = try SentenceModules(directory: files.directory) else { return }
        _ = try modules.tokenChain(hiddenSize: limits.hiddenSize, for: target)
    }

    package init(_ resources: TaskResources) throws {
        guard let modules = try SentenceModules(directory: resources.directory) else {
            throw PipelineError(
                .unsupportedTask,
                "\(resources.directory) has no modules.json: it is no sentence-transformers checkpoint")
        }
        configuration = try SentenceConfiguration(
            directory: resources.directory, of: .multiVector, with: resources.prompts)
        chain = try modules.tokenChain(hiddenSize: resources.limits.hiddenSize, for: resources.target)
        guard let width = chain.tokenWidth else { throw modules.invalid("the modules make no vectors of tokens") }
        self.width = width
        let settings = try TransformerSettings(directory: modules.inputDirectory, for: .tokenVectors)
        var texts: [SentenceRole?: SentenceTexts] = [nil: SentenceTexts(settings, resources)]
        for role in SentenceRole.allCases { texts[role] = SentenceTexts(settings, resources, of: role) }
        self.texts = texts
        guard modules.masks.count <= 1 else { throw modules.invalid("has two modules that choose among tokens") }
        mask = try modules.masks.first.map { (entry) throws(CheckpointError) in
            try MultiVectorMask(ConfigFile(path: "\(entry.directory)/config.json"), resources.tokenizer)
        }
        expansion = settings.queryExpansion
        expansionID = try Self.expansionID(settings.queryExpansion, resources.tokenizer, resources.limits)
        if let length = expansion?.length, length > resources.limits.tokens {
            throw modules.invalid(
                "query_expansion.length is \(length), but the model takes \(resources.limits.tokens) tokens")
        }
    }

    /// The token that fills up queries.
    private static func expansionID(
        _ expansion: QueryExpansion?, _ tokenizer: Tokenizer, _ limits: ModelLimits
    ) throws(PipelineError) -> Int32 {
        guard let expansion else { return 0 }
        let id = expansion.token.map(tokenizer.id(of:)) ?? tokenizer.maskTokenID ?? tokenizer.eosTokenID
        guard let id, id >= 0, id < limits.vocabularySize else {
            throw PipelineError(
                .unsupportedTask,
                "query_expansion.token is no token of the tokenizer, or it has neither a mask token nor one that ends sequences"
            )
        }
        return id
    }

    package func plan(_ options: Options, in scope: RequestScope) throws(PipelineError) -> Plan {
        try options.encoding.check(width: width)
        var prompts: [SentenceRole?: String] = [:]
        for role in [nil] + SentenceRole.allCases.map(Optional.some) {
            prompts[role] = try configuration.prompt(options.prompt, named: options.promptName ?? role?.rawValue)
        }
        return Plan(
            options: options, prompts: prompts,
            similarity: options.similarity ?? configuration.similarity(or: .maxsim))
    }

    package func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<Question> {
        let (texts, isComparison) = input.texts
        if isComparison, plan.options.role != nil || !plan.options.encoding.isPlain {
            throw PipelineError(
                .invalidParameter,
                "the parameters task, precision, ranges and encoding_format are for embeddings, but similarities are asked "
                    + "for, of a query and documents")
        }
        let kept = width * MemoryLayout<Float>.size
        let vectorBytes = isComparison ? kept : kept + plan.options.encoding.answerBytes(width: width) + 1
        let roles = texts.indices.map { isComparison ? $0 == 0 ? .query : .document : plan.options.role }
        var answerBytes = 0
        let sequences = try await input.sequences(in: scope) { (text, index) throws(PipelineError) in
            let sequence = try sequence(text, of: roles[index], plan)
            answerBytes = AnswerSize.sum(
                answerBytes, AnswerSize.product(sequence.ids.count, vectorBytes) + AnswerSize.number)
            try scope.require(answerBytes: answerBytes)
            return sequence
        }
        let question = Question(isComparison: isComparison, roles: roles, ids: sequences.map(\.ids))
        return PreparedInput(sequences, question, answerBytes: answerBytes)
    }

    /// The tokens of a text, and what fills them up.
    private func sequence(
        _ text: SentenceTexts.Source, of role: SentenceRole?, _ plan: Plan
    ) throws(PipelineError) -> ModelInput {
        guard let texts = texts[role] else { preconditionFailure("there are texts of all roles") }
        let arguments = texts.arguments(truncates: plan.options.truncates, side: plan.options.truncationSide)
        let expansion = role == .query ? expansion : nil
        let input = try texts.input(text, behind: plan.prompts[role] ?? "", arguments, reading: Self.readout)
        let missing = (expansion?.length ?? 0) - input.ids.count
        guard missing > 0 else { return input }
        return ModelInput(
            ids: input.ids + Array(repeating: expansionID, count: missing),
            typeIDs: input.typeIDs + Array(repeating: 0, count: missing), reading: Self.readout)
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) throws(PipelineError) {
        try rows.requireFinite()
        let (ids, role) = (question.ids[index], question.roles[index])
        let text = SentenceText(ids: ids)
        let values = try chain.withTokens(of: .tokens(rows, nil), text, on: cpu) { rows in
            var values: [Float] = []
            for (row, id) in ids.enumerated() where mask?.keeps(id, of: role) ?? true {
                let vector = rows.row(row)
                values += plan.options.normalizes ? Embeddings.normalized(Array(vector)) : Array(vector)
            }
            return values
        }
        reading = TokenVectors(values: values, width: width)
    }

    package func output(
        _ readings: ArraySlice<Reading>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        let first = readings[readings.startIndex]
        guard question.isComparison else {
            var vectors: [EmbeddingVector] = []
            for index in 0..<first.count { vectors.append(try plan.options.encoding.encode(Array(first[index]))) }
            return .embedding(vectors)
        }
        var scores: [Float] = []
        for reading in readings.dropFirst() { scores.append(try plan.similarity.score(first, reading, in: scope)) }
        return .similarities(scores)
    }
}
