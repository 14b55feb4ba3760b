import PenstockCheckpoints
import PenstockJSON
import PenstockTokenizers

/// The settings of sentence_bert_config.json, by which the Transformer module of a sentence-transformers checkpoint
/// reads texts.
struct TransformerSettings: Sendable {
    /// Longer texts are cut to so many tokens; nil for what the tokenizer and the model allow.
    private(set) var maxLength: Int?
    /// True if texts are cut at all.
    private(set) var truncates = true
    /// The end at which texts are cut; nil for what the tokenizer says.
    private(set) var truncationSide: Truncation.Direction?
    private(set) var addsSpecialTokens = true
    private(set) var lowercases = false
    /// The length that each call of the tokenizer is told, if any, instead of all others.
    private var callLength: Int?
    /// Tokens of queries and of documents of models that make a vector for each token; nil for ``maxLength``.
    private var roleLengths: [SentenceRole: Int] = [:]
    /// The tokens that fill up the queries of such models; nil for none.
    private(set) var queryExpansion: QueryExpansion?
    /// The settings by which a pair of texts becomes a chat; nil if it is read as a pair.
    private(set) var chat: ChatSettings?

    /// The file, under the names that it had for older transformers.
    private static let files =
        ["sentence_bert_config.json"]
        + ["roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map { "sentence_\($0)_config.json" }

    /// A purpose for which sentence-transformers has its Transformer module.
    enum Purpose: Sendable {
        /// The hidden states of their tokens, of which modules make embeddings.
        case embeddings
        /// The logits of a masked-language-model head, of which modules make sparse embeddings.
        case sparseEmbeddings
        /// The hidden states of their tokens, of which modules make a vector for each token.
        case tokenVectors
        /// The scores that a head makes of them.
        case scores
        /// The logits of the next token, of which a module makes scores.
        case tokenScores

        /// True if texts come in pairs, which may be turned into chats.
        var isOfPairs: Bool { self == .scores || self == .tokenScores }
    }

    /// The task that the file names for the head of the model, if any.
    private(set) var transformerTask: String?

    /// The defaults, of a checkpoint without modules.
    init() {}

    /// Reads the file in the directory of the Transformer module.
    init(directory: String, for purpose: Purpose) throws(CheckpointError) {
        for name in Self.files {
            // As upstream, an object without keys is no file.
            guard let file = try Checkpoint.configFile(name, in: directory), !file.keys.isEmpty else { continue }
            try read(file, for: purpose)
            return
        }
    }

    private mutating func read(_ file: ConfigFile, for purpose: Purpose) throws(CheckpointError) {
        try file.requireKeys(Self.keys + Self.keysWithoutEffect)
        try Self.checkOutput(file, for: purpose)
        if purpose.isOfPairs { chat = try ChatSettings(file) }
        transformerTask = try file.string("transformer_task")
        if file["tokenizer_name_or_path"] != nil {
            throw file.unsupported(
                "tokenizer_name_or_path", "put the tokenizer's files beside config.json and drop the key")
        }
        try file.arguments("model_kwargs", old: "model_args")?.refuseSettings(
            besides: Self.modelArgumentsWithoutEffect, "save the model with what it asks for, and drop it")
        try file.arguments("config_kwargs", old: "config_args")?.refuseSettings(
            besides: Self.configArgumentsWithoutEffect, "write it into config.json, and drop it here")
        lowercases = try file.flag("do_lower_case", default: false)
        if purpose == .tokenVectors { try readRoles(file) }
        if file["max_seq_length"] != nil { maxLength = try file.limit("max_seq_length", default: .max) }
        if let arguments = try file.arguments("processor_kwargs", old: "tokenizer_args") {
            try readTokenizerArguments(arguments)
        }
        if let arguments = try file.section("processing_kwargs") { try readCallArguments(arguments, for: purpose) }
    }

    private static let keys = [
        "config_args", "config_kwargs", "do_lower_case", "max_seq_length", "modality_config", "model_args",
        "model_kwargs", "module_output_name", "processing_kwargs", "processor_kwargs", "tokenizer_args",
        "tokenizer_name_or_path", "transformer_task",
    ]

    /// Keys that change no embedding of a text by itself: how batches are padded, what multi-vector models do with
    /// queries, and what upstream overwrites.
    private static let keysWithoutEffect = [
        "backend", "cache_dir", "document_length", "query_expansion", "query_length", "unpad_inputs",
    ]

    /// Arguments of upstream's loaders that say where files come from. It overwrites most of them with its own.
    private static let hubArguments = [
        "cache_dir", "code_revision", "force_download", "local_files_only", "proxies", "resume_download", "revision",
        "subfolder", "token", "trust_remote_code", "use_auth_token",
    ]

    private static let modelArgumentsWithoutEffect =
        hubArguments + [
            "add_pooling_layer", "attn_implementation", "device_map", "dtype", "low_cpu_mem_usage", "max_memory",
            "offload_folder", "torch_dtype", "weights_only",
        ]

    private static let configArgumentsWithoutEffect =
        hubArguments + [
            "attn_implementation", "dtype", "name_or_path", "output_attentions", "output_hidden_states", "torch_dtype",
            "use_cache",
        ]

    private static let tokenizerArgumentsWithoutEffect =
        hubArguments + ["clean_up_tokenization_spaces", "from_slow", "padding_side", "use_fast", "verbose"]

    /// Arguments of a call that are about padding, or about what else the call returns.
    private static let callArgumentsWithoutEffect = [
        "logits_to_keep", "pad_to_multiple_of", "padding", "padding_side", "return_attention_mask", "return_length",
        "return_offsets_mapping", "return_special_tokens_mask", "return_tensors", "return_token_type_ids", "stride",
        "verbose",
    ]
}

// MARK: What the model gives

extension TransformerSettings {
    /// Refuses what asks for another output of the model than that of the purpose.
    private static func checkOutput(_ file: ConfigFile, for purpose: Purpose) throws(CheckpointError) {
        try file.refuseNull(["transformer_task", "modality_config"])
        if let task = try file.string("transformer_task"), task != purpose.task {
            throw file.unsupported("transformer_task", "\(purpose.name) are made by \"\(purpose.task)\"")
        }
        // Without modality_config, upstream does not read module_output_name either.
        guard let modalities = try file.section("modality_config") else { return }
        // Upstream turns texts into chats where the model can take chats.
        if modalities.has("message"), !purpose.isOfPairs {
            throw modalities.unsupported("message", "chat templates are not applied; leave only the entry \"text\"")
        }
        guard let text = try modalities.section(modalities.has("message") ? "message" : "text") else {
            throw file.unsupported("modality_config", "it has no entry \"text\", so that the model takes no texts")
        }
        guard try text.string("method") == "forward" else {
            throw text.unsupported("method", "it has to be \"forward\"")
        }
        let name = JSONValue.string(purpose.output)
        guard let output = text["method_output_name"], output == name || output == .array([name]) else {
            throw text.unsupported("method_output_name", "it has to be \"\(purpose.output)\"")
        }
        guard try file.string("module_output_name") == purpose.feature else {
            throw file.unsupported("module_output_name", "it has to be \"\(purpose.feature)\"")
        }
    }
}

extension TransformerSettings.Purpose {
    fileprivate var name: String {
        switch self {
        case .embeddings: "embeddings"
        case .sparseEmbeddings: "sparse embeddings"
        case .tokenVectors: "vectors of tokens"
        case .scores, .tokenScores: "scores"
        }
    }

    fileprivate var task: String {
        switch self {
        case .embeddings, .tokenVectors: "feature-extraction"
        case .sparseEmbeddings: "fill-mask"
        case .scores: "sequence-classification"
        case .tokenScores: "text-generation"
        }
    }

    /// The name of the output that is taken of the model.
    fileprivate var output: String {
        switch self {
        case .embeddings, .tokenVectors: "last_hidden_state"
        case .sparseEmbeddings, .scores, .tokenScores: "logits"
        }
    }

    /// Under which name it is handed on.
    fileprivate var feature: String {
        switch self {
        case .embeddings, .sparseEmbeddings, .tokenVectors: SentenceFeature.tokenEmbeddings
        case .scores: "scores"
        case .tokenScores: LogitScore.inputName
        }
    }
}

// MARK: How texts are tokenized

extension TransformerSettings {
    /// Reads what queries and documents have of their own.
    private mutating func readRoles(_ file: ConfigFile) throws(CheckpointError) {
        for (role, key) in [(SentenceRole.query, "query_length"), (.document, "document_length")]
        where file[key] != nil {
            roleLengths[role] = try file.size(key)
        }
        queryExpansion = try file.section("query_expansion").map(QueryExpansion.init)
    }

    /// The tokens that a text is cut to; nil for what the tokenizer and the model allow.
    func maxLength(of role: SentenceRole?) -> Int? {
        let length = role.flatMap { roleLengths[$0] }
        guard role == .query, let queryExpansion else { return callLength ?? length ?? maxLength }
        if queryExpansion.isFixed { return queryExpansion.length }
        return callLength ?? length.map { max($0, queryExpansion.length) } ?? maxLength
    }
}

extension TransformerSettings {
    /// Reads the arguments that make the tokenizer.
    private mutating func readTokenizerArguments(_ arguments: ConfigFile) throws(CheckpointError) {
        let (length, side) = ("model_max_length", "truncation_side")
        try arguments.refuseSettings(
            besides: Self.tokenizerArgumentsWithoutEffect + [length, side],
            "write it into tokenizer_config.json, and drop it here")
        // As upstream, null is no limit, instead of max_seq_length.
        if arguments.has(length) { maxLength = try arguments.limit(length, default: .max) }
        if let name = try arguments.string(side) {
            guard let direction = Truncation.Direction.side(name) else {
                throw arguments.invalid(side, .string(name), "\"left\" or \"right\"")
            }
            truncationSide = direction
        }
    }

    /// Reads the arguments of each call of the tokenizer.
    private mutating func readCallArguments(
        _ arguments: ConfigFile, for purpose: Purpose
    ) throws(CheckpointError) {
        let (length, truncation, special) = ("max_length", "truncation", "add_special_tokens")
        let unsupported = ["is_split_into_words", "return_overflowing_tokens", "split_special_tokens"]
        var maxLength: Int?
        // Those of all kinds of inputs count more than those of texts.
        for part in ["text", "common"] {
            guard let arguments = try arguments.section(part) else { continue }
            try arguments.refuseSettings(
                besides: Self.callArgumentsWithoutEffect + [length, truncation, special] + unsupported, "drop it")
            for key in unsupported where try arguments.flag(key, default: false) {
                throw arguments.unsupported(key, "drop it")
            }
            if arguments.has(length) {
                maxLength = arguments[length] == nil ? nil : try arguments.limit(length, default: .max)
            }
            if purpose.isOfPairs, arguments[truncation] == .string("only_first") {
                throw arguments.unsupported(truncation, "of a pair, the longer text is cut")
            }
            if arguments.has(truncation) { truncates = try arguments.truncation(truncation) }
            try arguments.refuseNull([special])
            addsSpecialTokens = try arguments.flag(special, default: addsSpecialTokens)
        }
        callLength = maxLength
        self.maxLength = maxLength ?? self.maxLength
    }
}

extension ConfigFile {
    /// Arguments of a call, which have an old name that counts more.
    fileprivate func arguments(_ key: String, old: String) throws(CheckpointError) -> ConfigFile? {
        try refuseNull([key, old])
        return try section(has(old) ? old : key)
    }

    /// Tells whether texts are cut: a flag or the name of a strategy, which are all the same for single texts.
    fileprivate func truncation(_ key: String) throws(CheckpointError) -> Bool {
        switch self[key] {
        case .bool(let flag): return flag
        case .string("longest_first"), .string("only_first"): return true
        case nil, .string("do_not_truncate"): return false
        default: throw unsupported(key, "it has to be true, false, \"longest_first\" or \"only_first\"")
        }
    }
}
