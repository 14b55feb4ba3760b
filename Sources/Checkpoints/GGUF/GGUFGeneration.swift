import PenstockJSON

/// The settings of generation in a GGUF file: the tokens that end an answer, and those of sampling.
struct GGUFGeneration {
    /// The settings that generation_config.json would have.
    let object: JSONObject

    /// Tokens that end an answer wherever a vocabulary has them for control, as in llama.cpp: files name but one or two.
    private static let endings: Set<String> = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
        "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
        "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>",
    ]

    private static let longestEnding = 32
    /// The number of the type of tokens for control.
    private static let control = 3

    /// Settings for sampling by the words of generation_config.json.
    private static let sampling: KeyValuePairs<String, String> = [
        "temp": "temperature", "top_k": "top_k", "top_p": "top_p", "min_p": "min_p",
        "penalty_repeat": "repetition_penalty",
    ]
    /// Settings that count only beside others, which are not supported.
    private static let details: Set<String> = ["penalty_last_n", "mirostat_tau", "mirostat_eta", "xtc_threshold"]
    private static let prefix = "general.sampling."

    init(_ file: GGUFSettings) throws(CheckpointError) {
        var entries: [(String, JSONValue)] = []
        for (name, key) in [("bos", "bos_token_id"), ("padding", "pad_token_id")] {
            if let id = try file.tokenID(name) { entries.append((key, .integer(id))) }
        }
        let ends = try Self.ends(file)
        if !ends.isEmpty { entries.append(("eos_token_id", .array(ends.map(JSONValue.integer)))) }
        object = JSONObject(entries + (try Self.samplingEntries(file)))
    }

    private static func ends(_ file: GGUFSettings) throws(CheckpointError) -> [Int] {
        var ends: [Int] = []
        for name in ["eos", "eot", "eom"] {
            if let id = try file.tokenID(name), !ends.contains(id) { ends.append(id) }
        }
        let tokens = file.metadata["tokenizer.ggml.tokens"]?.array ?? []
        let kinds = file.metadata["tokenizer.ggml.token_type"]?.array ?? []
        for (id, token) in tokens.enumerated() {
            // Gemma has the tag </s> of HTML among its words.
            guard !kinds.indices.contains(id) || kinds[id] == .integer(control), let text = token.string,
                text.utf8.count <= longestEnding, endings.contains(text), !ends.contains(id)
            else { continue }
            ends.append(id)
        }
        return ends
    }

    private static func samplingEntries(_ file: GGUFSettings) throws(CheckpointError) -> [(String, JSONValue)] {
        let metadata = file.metadata
        var entries: [(String, JSONValue)] = []
        for key in metadata.keys where key.utf8.starts(with: prefix.utf8) {
            let name = String(decoding: key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            guard let value = metadata[key] else { continue }
            if let known = sampling.first(where: { $0.key == name })?.value {
                entries.append((known, value))
            } else if value.double != 0, !details.contains(name) {
                throw metadata.unsupported(key, "supported are: " + sampling.map(\.key).joined(separator: ", "))
            }
        }
        return entries.isEmpty ? [] : entries + [("do_sample", .bool(true))]
    }
}
