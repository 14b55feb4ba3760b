import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// `sparse-embeddings`: a weight for each token of the vocabulary that says something about a text, by a checkpoint that
/// fills masks (`SparseEncoder` of `sentence_transformers`); or how alike texts are.
public struct SparseEmbeddings: PipelineTask {
    /// A text, or a source and sentences to compare it with.
    public typealias Input = SentenceSimilarity.Input

    /// The options of how embeddings are made.
    public struct Options: SentenceOptions {
        /// A text put before each sentence; nil for the prompt of ``promptName``.
        public var prompt: String?
        /// The name of a prompt of the checkpoint; nil for its default.
        public var promptName: String?
        /// True if texts that are too long are cut; nil for what the checkpoint says.
        public var truncates: Bool?
        /// The end at which they are cut; nil for what the checkpoint says.
        public var truncationSide: Truncation.Direction?
        /// The measure by which sentences are compared; nil for what the checkpoint says.
        public var similarity: Similarity?
        /// The count of numbers that are kept, the largest; nil for what the checkpoint says.
        public var maxActiveDims: Int?

        /// The defaults.
        public init() {}
    }

    /// The answer to an input.
    public enum Output: Sendable {
        /// The embedding of a text.
        case embedding(SparseVector)
        /// The similarity of each sentence to the source.
        case similarities([Float])
    }

    private let texts: SentenceTexts
    private let pooling: SpladePooling
    private let configuration: SentenceConfiguration
    private let vocabularySize: Int

    /// Bytes of a dimension that is not 0, in memory and as JSON.
    fileprivate static let elementBytes = 72
}

extension SparseEmbeddings: TaskSteps {
    package static let readout = Readout.vocabularyLogits

    package struct Plan: Sendable {
        fileprivate let prompt: String
        fileprivate let tokenization: TokenizerArguments
        fileprivate let similarity: Similarity
        fileprivate let maxActiveDims: Int
    }

    /// The question that is asked of the texts of an input.
    package struct Question: Sendable {
        fileprivate let isComparison: Bool
        /// The number of the tokens of each.
        fileprivate let lengths: [Int]
    }

    /// The part that is kept of the rows of a text: their sum until all are there, then its embedding.
    package struct Reading: Sendable {
        fileprivate var sum = SpladePooling.Sum()
        fileprivate var vector: SparseVector?
    }

    package static func obstacle(in files: CheckpointFiles) throws -> String? {
        switch files.sentenceModel {
        case nil, .sparseEmbeddings: return nil
        case .embeddings where files.modules?.entries.isEmpty == true: return "its modules lack a SpladePooling"
        case let other?: return other.purpose
        }
    }

    package static var takesPrompts: Bool { true }

    package static func isMeant(for files: CheckpointFiles) -> Bool { files.sentenceModel == .sparseEmbeddings }

    package init(_ resources: TaskResources) throws {
        vocabularySize = resources.limits.vocabularySize
        configuration = try SentenceConfiguration(
            directory: resources.directory, of: .sparse, with: resources.prompts)
        guard let modules = try SentenceModules(directory: resources.directory) else {
            // As upstream, a checkpoint without modules is pooled like the first of its kind.
            pooling = SpladePooling()
            texts = SentenceTexts(TransformerSettings(), resources)
            return
        }
        pooling = try modules.spladePooling()
        let settings = try TransformerSettings(directory: modules.inputDirectory, for: .sparseEmbeddings)
        if modules.inputKind == "Transformer", settings.transformerTask == nil {
            throw modules.invalid(
                "has SpladePooling behind hidden states; sentence_bert_config.json needs \"transformer_task\": \"fill-mask\""
            )
        }
        texts = SentenceTexts(settings, resources)
    }

    package func plan(_ options: Options, in scope: RequestScope) throws(PipelineError) -> Plan {
        Plan(
            prompt: try configuration.prompt(options.prompt, named: options.promptName),
            tokenization: texts.arguments(truncates: options.truncates, side: options.truncationSide),
            similarity: options.similarity ?? configuration.similarity(or: .dot),
            maxActiveDims: min(options.maxActiveDims ?? configuration.maxActiveDims ?? .max, vocabularySize))
    }

    package func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<Question> {
        let (texts, isComparison) = input.texts
        let answerBytes = AnswerSize.product(texts.count, plan.maxActiveDims * Self.elementBytes)
        try scope.require(answerBytes: answerBytes)
        let sequences = try await input.sequences(in: scope) { (text, _) throws(PipelineError) in
            try self.texts.input(text, behind: plan.prompt, plan.tokenization, reading: Self.readout)
        }
        let question = Question(isComparison: isComparison, lengths: sequences.map(\.ids.count))
        return PreparedInput(sequences, question, answerBytes: answerBytes)
    }

    /// Logits are taken in as they come, so that of each text only the sum over its tokens is kept.
    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) throws(PipelineError) {
        try rows.requireFinite()
        var current = reading ?? Reading()
        reading = nil
        pooling.add(rows, to: &current.sum)
        defer { reading = current }
        guard current.sum.rows == question.lengths[index] else { return }
        let embedding = pooling.embedding(current.sum)
        guard embedding.allSatisfy(\.isFinite) else {
            throw PipelineError(.nonFiniteOutput, "the model computed an embedding that is no finite vector")
        }
        current = Reading(vector: SparseVector(embedding).keeping(plan.maxActiveDims))
    }

    package func output(
        _ readings: ArraySlice<Reading>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        let vectors = readings.compactMap(\.vector)
        guard question.isComparison else { return .embedding(vectors[0]) }
        var scores: [Float] = []
        for vector in vectors.dropFirst() {
            try scope.check()
            scores.append(vectors[0].similarity(to: vector, by: plan.similarity))
        }
        return .similarities(scores)
    }
}

extension SentenceModules {
    /// True if the modules make sparse embeddings.
    var isSparse: Bool { entries.contains { $0.kind == "SpladePooling" } }

    /// Loads the pooling that makes sparse embeddings: the only module behind the model.
    fileprivate func spladePooling() throws(CheckpointError) -> SpladePooling {
        guard input == .transformer, entries.count == 1, isSparse else {
            throw invalid(
                "sparse embeddings are made by a Transformer or MLMTransformer and SpladePooling, but behind \(inputKind) "
                    + "there are: \(entries.map(\.kind).joined(separator: ", "))")
        }
        return try SpladePooling(ConfigFile(path: "\(entries[0].directory)/config.json"))
    }
}
