import PenstockCheckpoints
import PenstockJSON
import PenstockTokenizers

/// A rule for the tokens of a text that get a vector (`sentence_transformers` `MultiVectorMask`).
struct MultiVectorMask: Sendable {
    private let skipped: Set<Int32>
    private let skippedRoles: Set<SentenceRole>
    /// The only tokens of documents that count; nil for all.
    private let kept: Set<Int32>?

    init(_ config: ConfigFile, _ tokenizer: Tokenizer) throws(CheckpointError) {
        let (words, tasks, ids) = ("skiplist_words", "skiplist_tasks", "keep_only_token_ids")
        try config.requireKeys([words, tasks, ids])
        var skipped: Set<Int32> = []
        for word in try Self.strings(words, in: config) ?? [] {
            // Words that are no tokens are left out, lest they stand for all unknown ones.
            guard let id = tokenizer.id(of: word) else { continue }
            if id != tokenizer.unkTokenID || word == tokenizer.configuration.unkToken { skipped.insert(id) }
        }
        self.skipped = skipped
        skippedRoles = Set((try Self.strings(tasks, in: config) ?? ["document"]).compactMap(SentenceRole.init))
        guard let list = config[ids] else {
            kept = nil
            return
        }
        let kept = (list.array ?? []).compactMap { $0.integer.flatMap { Int32(exactly: $0) } }
        guard let count = list.array?.count, kept.count == count else {
            throw config.invalid(ids, list, "a list of token ids")
        }
        // As upstream, an empty list keeps all.
        self.kept = kept.isEmpty ? nil : Set(kept)
    }

    /// A string or a list of strings; nil if there is none.
    private static func strings(_ key: String, in config: ConfigFile) throws(CheckpointError) -> [String]? {
        guard let value = config[key] else { return nil }
        if let string = value.string { return Array(key == "skiplist_words" ? string.map(String.init) : [string]) }
        let strings = (value.array ?? []).compactMap(\.string)
        guard let count = value.array?.count, strings.count == count else {
            throw config.invalid(key, value, "a list of strings")
        }
        return strings
    }

    /// Tells whether a token gets a vector.
    func keeps(_ id: Int32, of role: SentenceRole?) -> Bool {
        if skippedRoles.contains(role ?? .document), skipped.contains(id) { return false }
        return role == .query || kept?.contains(id) ?? true
    }
}
