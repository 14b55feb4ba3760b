import PenstockJSON

/// The tasks by the names of `transformers.pipeline`.
package enum TaskRegistry {
    package struct Entry: Sendable {
        package let names: [String]
        package let type: any JSONForm.Type
        /// Tells which class names in config.json's `architectures` stand for the task.
        var architectures = Architectures()
    }

    /// Class names, as the mappings of `transformers` have them for a task (`modeling_auto.py`).
    struct Architectures: Sendable {
        /// Ends of names.
        var ends: [String] = []
        /// Ends of names that are none after all.
        var exceptions: [String] = []
        /// Names that have another end.
        var names: [String] = []

        func contains(_ name: String) -> Bool {
            names.contains(name)
                || ends.contains(where: name.hasSuffix) && !exceptions.contains(where: name.hasSuffix)
        }
    }

    /// A purpose that the files of sentence-transformers name for a checkpoint.
    enum SentenceModel {
        case embeddings
        case sparseEmbeddings
        case tokenVectors
        /// A cross-encoder that gives a score.
        case ranking
        /// A cross-encoder that gives several labels.
        case pairClassification

        /// The reason why the checkpoint is for nothing else.
        var purpose: String {
            switch self {
            case .embeddings: "it makes a vector for each text"
            case .sparseEmbeddings: "it makes sparse embeddings"
            case .tokenVectors: "it makes a vector for each token"
            case .ranking, .pairClassification: "it is a cross-encoder, as its model_type or config.json says"
            }
        }
    }

    /// All tasks.
    static let all = [
        Entry(
            names: ["fill-mask"], type: FillMask.self,
            architectures: Architectures(
                ends: ["ForMaskedLM"],
                // Their heads for pre-training have one for masks; those of other families have not.
                names: [
                    "AlbertForPreTraining", "BertForPreTraining", "BigBirdForPreTraining", "ErnieForPreTraining",
                    "FNetForPreTraining", "MegatronBertForPreTraining", "MobileBertForPreTraining",
                    "NezhaForPreTraining", "RoCBertForPreTraining", "FlaubertWithLMHeadModel", "XLMWithLMHeadModel",
                ])),
        Entry(
            names: ["feature-extraction"], type: FeatureExtraction.self,
            architectures: Architectures(
                ends: ["Model"], exceptions: ["LMHeadModel", "DoubleHeadsModel", "EncoderDecoderModel"])),
        Entry(
            names: ["text-classification", "sentiment-analysis"], type: TextClassification.self,
            architectures: Architectures(ends: ["ForSequenceClassification"])),
        Entry(
            names: ["token-classification", "ner"], type: TokenClassification.self,
            architectures: Architectures(ends: ["ForTokenClassification"])),
        Entry(
            names: ["question-answering"], type: QuestionAnswering.self,
            architectures: Architectures(
                ends: ["ForQuestionAnswering", "ForQuestionAnsweringSimple"],
                // They answer questions on tables and pictures.
                exceptions: ["TapasForQuestionAnswering", "ViltForQuestionAnswering", "BlipForQuestionAnswering"])),
        Entry(
            names: ["text-generation"], type: TextGeneration.self,
            architectures: Architectures(ends: ["ForCausalLM", "LMHeadModel"])),
        Entry(names: ["sentence-similarity", "sentence-embeddings"], type: SentenceSimilarity.self),
        Entry(names: ["sparse-embeddings"], type: SparseEmbeddings.self),
        Entry(names: ["multi-vector-embeddings"], type: MultiVectorEmbeddings.self),
        Entry(names: ["text-ranking"], type: TextRanking.self),
        Entry(names: ["zero-shot-classification"], type: ZeroShotClassification.self),
    ]

    /// The names of all tasks, as a list for messages.
    static var names: String { all.compactMap(\.names.first).joined(separator: ", ") }

    /// The name of a task.
    static func name(of task: any TaskSteps.Type) -> String {
        all.first { $0.type == task }?.names.first ?? "this task"
    }

    /// The task of this name.
    package static func task(named name: String) throws(PipelineError) -> Entry {
        guard let entry = all.first(where: { $0.names.contains(name) }) else {
            throw PipelineError(
                .unsupportedTask,
                "there is no task \(name.cut(after: 40)); supported are: \(names)"
                    + NearNames.question(name, among: all.flatMap(\.names)))
        }
        return entry
    }

    /// The task that a checkpoint was made for.
    ///
    /// - Parameters:
    ///   - architectures: as in config.json
    ///   - sentenceModel: what sentence-transformers makes of the checkpoint
    static func inferredTask(
        architectures: [String], sentenceModel: SentenceModel?
    ) throws(PipelineError) -> Entry {
        switch sentenceModel {
        case .embeddings: return try task(named: "sentence-similarity")
        case .sparseEmbeddings: return try task(named: "sparse-embeddings")
        case .tokenVectors: return try task(named: "multi-vector-embeddings")
        case .ranking: return try task(named: "text-ranking")
        case .pairClassification, nil: break
        }
        for architecture in architectures {
            let entry = all.first { $0.architectures.contains(architecture) }
            if let entry { return entry }
        }
        let found = architectures.isEmpty ? "names no architectures" : "is a \(architectures.joined(separator: ", "))"
        throw PipelineError(
            .unsupportedTask, "the checkpoint \(found), which tells no task; choose one with --task: \(names)")
    }
}
