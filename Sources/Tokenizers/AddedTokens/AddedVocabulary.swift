/// The added tokens, with their ids and what finds them.
struct AddedVocabulary: Sendable {
    /// The tokens by id.
    private let tokens: [Int32: AddedToken]
    /// What a token is called where ids become text: its normalised form, if it is `normalized`.
    private let names: [Int32: String]
    /// Finds tokens in the original text.
    let original: AddedTokenMatcher
    /// Finds `normalized` tokens in the normalised text.
    let normalized: AddedTokenMatcher
    private let idsOfContents: [[UInt8]: Int32]
    /// The largest id; -1 without tokens.
    let largestID: Int32
    /// The ids that decoding skips.
    private let specialIDs: Set<Int32>

    /// Gives ids to `tokens` as upstream does: a token that the model knows has the model's id, and the others are
    /// numbered from the size of the model's vocabulary. What the file says is not heeded.
    ///
    /// - Throws: ``TokenizerError`` with code `malformed` when there are no more ids.
    init(
        _ added: [AddedToken], model: Vocabulary, normalizer: (any Normalizer)?, file: String
    ) throws(TokenizerError) {
        var tokens: [Int32: AddedToken] = [:]
        var ids: [[UInt8]: Int32] = [:]
        var nextID = model.count
        for token in added where !token.content.isEmpty {
            let key = Array(token.content.utf8)
            if let id = ids[key] ?? model.id(of: token.content) {
                ids[key] = id
                tokens[id] = token
                continue
            }
            guard let id = Int32(exactly: nextID) else {
                throw TokenizerError(.malformed, "\(file): added_tokens: there are more tokens than ids")
            }
            nextID += 1
            ids[key] = id
            tokens[id] = token
        }
        self.tokens = tokens
        idsOfContents = ids
        largestID = tokens.keys.max() ?? -1
        let names = tokens.mapValues { $0.normalized ? Self.normalize($0.content, with: normalizer) : $0.content }
        self.names = names
        original = AddedTokenMatcher(tokens.filter { !$0.value.normalized }, names: names)
        normalized = AddedTokenMatcher(tokens.filter(\.value.normalized), names: names)
        // Upstream compares what a token is called now with the contents of special tokens, byte by byte.
        let special = Set(added.lazy.filter(\.special).map { Array($0.content.utf8) })
        var specialIDs = Set(special.compactMap { model.id(of: String(decoding: $0, as: UTF8.self)) })
        for id in model.repeatedIDs where model.bytes(of: id).map({ special.contains(Array($0)) }) == true {
            specialIDs.insert(id)
        }
        for (id, name) in names {
            if special.contains(Array(name.utf8)) { specialIDs.insert(id) } else { specialIDs.remove(id) }
        }
        self.specialIDs = specialIDs
    }

    private static func normalize(_ content: String, with normalizer: (any Normalizer)?) -> String {
        guard let normalizer else { return content }
        var text = NormalizedText(Array(content.utf8), firstOrigin: 0)
        normalizer.normalize(&text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// What the token with this id is called, if it is an added one.
    func name(of id: Int32) -> String? { names[id] }

    /// The id of the token with this text.
    func id(of content: String) -> Int32? { idsOfContents[Array(content.utf8)] }

    /// Whether decoding can skip the token with this id.
    func isSpecial(_ id: Int32) -> Bool { specialIDs.contains(id) }

    /// The special tokens in the order of their ids.
    var specialTokens: [String] { tokens.filter(\.value.special).sorted { $0.key < $1.key }.map(\.value.content) }
}
