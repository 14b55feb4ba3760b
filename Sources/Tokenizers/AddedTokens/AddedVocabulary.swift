/// The added tokens, with their ids and what finds them.
struct AddedVocabulary: Sendable {
    /// The tokens by id.
    private let tokens: [Int32: AddedToken]
    /// The text that a token has where ids become text: its normalised form, if it is `normalized`.
    private let names: [Int32: String]
    /// Finds tokens in the original text.
    let original: AddedTokenMatcher
    /// Finds `normalized` tokens in the normalised text.
    let normalized: AddedTokenMatcher
    private let idsOfContents: [[UInt8]: Int32]
    /// The contents of special tokens.
    private let specialContents: Set<[UInt8]>
    /// True if special tokens are found in texts.
    private let findsSpecial: Bool
    /// The ids that decoding skips.
    private let specialIDs: Set<Int32>
    /// The largest id; -1 without tokens.
    let largestID: Int32

    /// Gives ids to `tokens` as upstream does: a token that the model knows has the model's id, and the others are
    /// numbered from the size of the model's vocabulary. What the file says is not heeded.
    ///
    /// - Parameter findsSpecial: whether special tokens are found in texts
    /// - Throws: ``TokenizerError`` with code `malformed` when there are no more ids.
    init(
        _ added: [AddedToken], model: Vocabulary, normalizer: (any Normalizer)?, file: String, findsSpecial: Bool = true
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
        self.init(
            tokens, ids, specialContents: Set(added.lazy.filter(\.special).map { Array($0.content.utf8) }),
            findsSpecial: findsSpecial, model: model, normalizer: normalizer)
    }

    /// The same tokens for another normalizer.
    func with(normalizer: any Normalizer, model: Vocabulary) -> AddedVocabulary {
        AddedVocabulary(
            tokens, idsOfContents, specialContents: specialContents, findsSpecial: findsSpecial, model: model,
            normalizer: normalizer)
    }

    private init(
        _ tokens: [Int32: AddedToken], _ ids: [[UInt8]: Int32], specialContents special: Set<[UInt8]>,
        findsSpecial: Bool, model: Vocabulary, normalizer: (any Normalizer)?
    ) {
        self.tokens = tokens
        largestID = tokens.keys.max() ?? -1
        self.findsSpecial = findsSpecial
        specialContents = special
        idsOfContents = ids
        let names = tokens.mapValues { $0.normalized ? Self.normalize($0.content, with: normalizer) : $0.content }
        self.names = names
        let isSpecial = { (token: AddedToken) in special.contains(Array(token.content.utf8)) }
        let ignored = Set(findsSpecial ? [] : tokens.keys.filter { tokens[$0].map(isSpecial) == true })
        original = AddedTokenMatcher(tokens.filter { !$0.value.normalized }, names: names, ignoring: ignored)
        normalized = AddedTokenMatcher(tokens.filter(\.value.normalized), names: names, ignoring: ignored)
        // Upstream compares what a token is called now with the contents of special tokens, byte by byte.
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

    /// Returns the text of the token with this id, if it is an added one.
    func name(of id: Int32) -> String? { names[id] }

    /// The id of the token with this text.
    func id(of content: String) -> Int32? { idsOfContents[Array(content.utf8)] }

    /// Tells whether decoding can skip the token with this id.
    func isSpecial(_ id: Int32) -> Bool { specialIDs.contains(id) }

    /// The ids of the tokens for which `isMeant` holds.
    func ids(where isMeant: (AddedToken) -> Bool) -> Set<Int32> { Set(tokens.filter { isMeant($0.value) }.keys) }

    /// The words of the token with this id, as its file has them.
    func content(of id: Int32) -> String? { tokens[id]?.content }

    /// The special tokens in the order of their ids.
    var specialTokens: [String] { tokens.filter(\.value.special).sorted { $0.key < $1.key }.map(\.value.content) }
}
