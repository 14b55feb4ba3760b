import PenstockJSON

/// The key-value pairs that a converter would write for a tokenizer.json.
enum GGUFMetadata {
    /// The pairs.
    ///
    /// - Parameters:
    ///   - model: `tokenizer.ggml.model`
    ///   - pre: `tokenizer.ggml.pre`; nil for none
    ///   - hasScores: true for scores in the place of merges
    static func pairs(
        of file: JSONValue, model: String, pre: String? = nil, architecture: String = "llama", hasScores: Bool = false,
        _ settings: [(String, JSONValue)] = []
    ) -> JSONObject {
        var tokens: [String] = []
        var scores: [JSONValue] = []
        var kinds: [Int] = []
        func add(_ token: String, _ id: Int, kind: Int) {
            while tokens.count <= id {
                tokens.append("[PAD\(tokens.count)]")
                kinds.append(5)
            }
            (tokens[id], kinds[id]) = (token, kind)
        }
        if let pieces = file["model"]?["vocab"]?.array {
            for (id, piece) in pieces.enumerated() { add(piece.array?[0].string ?? "", id, kind: 1) }
            scores = pieces.map { $0.array?[1] ?? .double(0) }
        }
        for entry in file["model"]?["vocab"]?.object?.entries ?? [] {
            add(entry.key, entry.value.integer ?? 0, kind: 1)
        }
        for token in file["added_tokens"]?.array ?? [] {
            add(token["content"]?.string ?? "", token["id"]?.integer ?? 0, kind: token["special"]?.bool == true ? 3 : 4)
        }
        if model == "bert" { tokens = zip(tokens, kinds).map(asWords) }
        var pairs = JSONObject([
            ("general.architecture", .string(architecture)), ("tokenizer.ggml.model", .string(model)),
            ("tokenizer.ggml.tokens", .array(tokens.map(JSONValue.string))),
            ("tokenizer.ggml.token_type", .array(kinds.map(JSONValue.integer))),
        ])
        if let pre { pairs.append("tokenizer.ggml.pre", .string(pre)) }
        let unknown =
            file["model"]?["unk_token"]?.string.flatMap(tokens.firstIndex) ?? file["model"]?["unk_id"]?.integer
        if let unknown { pairs.append("tokenizer.ggml.unknown_token_id", .integer(unknown)) }
        if !scores.isEmpty {
            scores += (scores.count..<max(scores.count, tokens.count)).map { _ in .double(0) }
            pairs.append("tokenizer.ggml.scores", .array(scores))
        } else if hasScores {
            pairs.append("tokenizer.ggml.scores", .array(tokens.indices.map { .double(-Double($0)) }))
        } else if let merges = file["model"]?["merges"]?.array {
            let lines = merges.map { merge in merge.array.map { $0.compactMap(\.string).joined(separator: " ") } }
            pairs.append(
                "tokenizer.ggml.merges", .array(zip(merges, lines).map { $1.map(JSONValue.string) ?? $0 }))
        }
        for (key, value) in settings { pairs.append(key, value) }
        return pairs
    }

    /// Converters mark what begins a word, and not what continues one.
    private static func asWords(_ token: String, kind: Int) -> String {
        if kind == 3 || token.hasPrefix("[") && token.hasSuffix("]") { return token }
        return token.hasPrefix("##") ? String(token.dropFirst(2)) : "▁\(token)"
    }
}
