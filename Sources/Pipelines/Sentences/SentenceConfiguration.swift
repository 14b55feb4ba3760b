import PenstockCheckpoints
import PenstockJSON

/// The settings of a sentence-transformers checkpoint in config_sentence_transformers.json.
struct SentenceConfiguration: Sendable {
    /// Texts put before a sentence, by name. Every model of embeddings has those of a query and of a document.
    private(set) var prompts = ["query": "", "document": ""]
    private(set) var defaultPrompt: String?
    private var similarityName: String?
    /// The count of numbers of an embedding that are kept; nil for all.
    private(set) var truncateDim: Int?
    /// The count of numbers of a sparse embedding that are kept, the largest; nil for all.
    private(set) var maxActiveDims: Int?

    /// Bytes of the longest prompt that a request may bring: it is computed again with each text.
    private static let longestPrompt = 8192

    /// The class of `sentence_transformers` that a checkpoint is of.
    enum ModelType: String, Sendable {
        case dense = "SentenceTransformer"
        case sparse = "SparseEncoder"
        case multiVector = "MultiVectorEncoder"
        case crossEncoder = "CrossEncoder"
    }

    /// Reads the file in the directory that holds modules.json; without one, the defaults stand.
    ///
    /// - Parameters:
    ///   - directory: nil if there is no modules.json
    ///   - given: prompts that stand above those of the file
    init(directory: String?, of modelType: ModelType = .dense, with given: SentencePrompts) throws {
        if modelType == .crossEncoder { prompts = [:] }
        if let directory { try read(directory: directory, of: modelType) }
        prompts.merge(given.texts) { _, given in given }
        guard let name = given.defaultName else { return }
        defaultPrompt = try prompt(nil, named: name)
    }

    private mutating func read(directory: String, of modelType: ModelType) throws {
        guard let file = try Checkpoint.configFile("config_sentence_transformers.json", in: directory) else { return }
        try file.refuseNull(["model_type", "prompts"])
        if let type = try file.string("model_type"), type != modelType.rawValue {
            throw file.unsupported("model_type", "such modules are those of a \(modelType.rawValue)")
        }
        similarityName = file["similarity_fn_name"]?.string
        switch modelType {
        case .dense: if file["truncate_dim"] != nil { truncateDim = try file.size("truncate_dim") }
        case .sparse: if file["max_active_dims"] != nil { maxActiveDims = try file.size("max_active_dims") }
        case .multiVector: try Self.refuseOldSettings(file)
        case .crossEncoder: break
        }
        try readPrompts(file)
    }

    /// Refuses what packages before `MultiVectorEncoder` wrote here.
    private static func refuseOldSettings(_ file: ConfigFile) throws(CheckpointError) {
        for key in [
            "query_prefix", "document_prefix", "query_length", "document_length", "query_expansion",
            "do_query_expansion",
            "attend_to_expansion_tokens", "attend_to_mask_tokens", "skiplist_words",
        ] where file.has(key) {
            throw file.unsupported(
                key,
                "load the model with the MultiVectorEncoder of sentence-transformers, and save it with `save_pretrained`"
            )
        }
    }

    /// Returns the measure by which embeddings are compared. As upstream, a name that says nothing is none.
    func similarity<Measure: RawRepresentable<String>>(or standard: Measure) -> Measure {
        similarityName.flatMap(Measure.init) ?? standard
    }

    private mutating func readPrompts(_ file: ConfigFile) throws {
        for entry in try file.entries(of: "prompts") {
            guard let prompt = entry.value.isNull ? "" : entry.value.string else {
                throw PipelineError(.unsupportedTask, "the prompt \(entry.key.excerpt) of the checkpoint is no text")
            }
            prompts[entry.key] = prompt
        }
        guard let name = try file.string("default_prompt_name") else { return }
        guard let prompt = prompts[name] else {
            let known = prompts.keys.sorted().joined(separator: ", ")
            throw PipelineError(
                .unsupportedTask,
                "the default_prompt_name \(name.excerpt) of the checkpoint is none of its prompts: \(known)")
        }
        defaultPrompt = prompt
    }

    /// The text that is put before the texts of a request.
    ///
    /// - Parameters:
    ///   - text: the text itself, if the request brings one
    ///   - name: of a prompt, if it names one; without both, the default counts
    /// - Throws: ``PipelineError`` for a text that is too long, and for a prompt that is not there.
    func prompt(_ text: String?, named name: String?) throws(PipelineError) -> String {
        if let text {
            guard text.utf8.count <= Self.longestPrompt else {
                throw PipelineError(
                    .invalidParameter,
                    "parameter prompt has \(text.utf8.count) bytes, but at most \(Self.longestPrompt) are possible")
            }
            return text
        }
        guard let name else { return defaultPrompt ?? "" }
        guard let prompt = prompts[name] else {
            let known = prompts.keys.sorted()
            throw PipelineError(
                .invalidParameter,
                "parameter prompt_name: there is no prompt \(name.excerpt)"
                    + (known.isEmpty ? "; the checkpoint has none" : "; known are: \(known.joined(separator: ", "))"))
        }
        return prompt
    }
}
