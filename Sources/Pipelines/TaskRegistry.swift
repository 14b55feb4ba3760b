/// The tasks by the names of `transformers.pipeline`.
enum TaskRegistry {
    struct Entry: Sendable {
        let names: [String]
        let type: any PipelineTask.Type
        /// Ends of the class names in config.json's `architectures` that stand for the task.
        let architectures: [String]
    }

    private static let entries = [
        Entry(names: ["fill-mask"], type: FillMask.self, architectures: ["ForMaskedLM", "ForPreTraining"]),
        Entry(names: ["feature-extraction"], type: FeatureExtraction.self, architectures: ["Model"]),
        Entry(names: ["sentence-similarity", "sentence-embeddings"], type: SentenceSimilarity.self, architectures: []),
    ]

    /// The names of all tasks, as a list for messages.
    static var names: String { entries.compactMap(\.names.first).joined(separator: ", ") }

    /// The task of this name.
    static func task(named name: String) throws(PipelineError) -> Entry {
        guard let entry = entries.first(where: { $0.names.contains(name) }) else {
            throw PipelineError(.unsupportedTask, "there is no task \(name); supported are: \(names)")
        }
        return entry
    }

    /// The task that a checkpoint was made for.
    ///
    /// - Parameters:
    ///   - architectures: as in config.json
    ///   - isSentenceTransformer: whether the checkpoint has a modules.json
    static func inferredTask(architectures: [String], isSentenceTransformer: Bool) throws(PipelineError) -> Entry {
        if isSentenceTransformer { return try task(named: "sentence-similarity") }
        for architecture in architectures {
            let entry = entries.first { $0.architectures.contains(where: architecture.hasSuffix) }
            if let entry { return entry }
        }
        let found = architectures.isEmpty ? "names no architectures" : "is a \(architectures.joined(separator: ", "))"
        throw PipelineError(
            .unsupportedTask, "the checkpoint \(found), which tells no task; choose one with --task: \(names)")
    }
}
