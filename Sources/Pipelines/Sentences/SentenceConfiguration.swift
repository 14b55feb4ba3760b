import PenstockCheckpoints
import PenstockJSON

/// What config_sentence_transformers.json says of a sentence-transformers checkpoint.
struct SentenceConfiguration: Sendable {
    /// Texts put before a sentence, by name. Every model has those of a query and of a document.
    private(set) var prompts = ["query": "", "document": ""]
    private(set) var defaultPrompt: String?
    private(set) var similarity = Similarity.cosine
    /// How many numbers of an embedding are kept; nil for all.
    private(set) var truncateDim: Int?

    /// Reads the file in the directory that holds modules.json; without one, the defaults stand.
    init(directory: String) throws {
        guard let file = try Checkpoint.configFile("config_sentence_transformers.json", in: directory) else { return }
        try file.refuseNull(["model_type", "prompts"])
        if let type = try file.string("model_type"), type != "SentenceTransformer" {
            throw file.unsupported("model_type", "embeddings are made by a SentenceTransformer")
        }
        // As upstream, a name that says nothing is none.
        similarity = file["similarity_fn_name"]?.string.flatMap(Similarity.init) ?? similarity
        if file["truncate_dim"] != nil { truncateDim = try file.size("truncate_dim") }
        try readPrompts(file)
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
}
