import PenstockJSON

/// The vocabulary in the key-value pairs of a GGUF file: tokens by their ids, and what each is for.
struct GGUFVocabulary {
    /// A purpose of a token. The numbers are those of SentencePiece.
    typealias Kind = SentencePieceModel.Kind

    /// The key-value pairs. Their keys have dots in them: they are no paths.
    let file: Field
    /// The texts of all tokens.
    private(set) var tokens: [String]
    /// The purpose of each.
    let kinds: [Kind]

    private static let mostTokens = 1 << 21

    init(_ file: Field) throws(TokenizerError) {
        self.file = file
        let field = file["tokenizer.ggml.tokens"]
        guard let elements = field.value?.array, !elements.isEmpty, elements.count <= Self.mostTokens else {
            throw field.malformed("expected a list of 1 to \(Self.mostTokens) tokens")
        }
        tokens = elements.compactMap(\.string)
        guard tokens.count == elements.count else { throw field.malformed("a token is no string") }
        kinds = try Self.kinds(file["tokenizer.ggml.token_type"], count: elements.count)
    }

    private static func kinds(_ field: Field, count: Int) throws(TokenizerError) -> [Kind] {
        guard let elements = try list(field, count: count) else { return Array(repeating: .normal, count: count) }
        return elements.map { $0.integer.flatMap { UInt64(exactly: $0) }.flatMap(Kind.init) ?? .normal }
    }

    /// A list with an element for each token; nil if there is none.
    private static func list(_ field: Field, count: Int) throws(TokenizerError) -> [JSONValue]? {
        guard field.exists else { return nil }
        guard let elements = field.value?.array, elements.count == count else {
            throw field.malformed("expected a list with an element for each of \(count) tokens")
        }
        return elements
    }

    /// The score of each token, as far as the file has scores.
    func scores() throws(TokenizerError) -> [Double]? {
        let field = file["tokenizer.ggml.scores"]
        guard let elements = try Self.list(field, count: tokens.count) else { return nil }
        let scores = elements.compactMap(\.double)
        guard scores.count == elements.count, scores.allSatisfy(\.isFinite) else {
            throw field.malformed("a score is no finite number")
        }
        return scores
    }

    /// Spells tokens otherwise.
    mutating func respell(_ spelling: (_ id: Int, _ token: String) -> String) {
        tokens = tokens.enumerated().map { spelling($0.offset, $0.element) }
    }

    /// Tokens and their ids.
    var vocabulary: Vocabulary { Vocabulary(list: tokens) }

    /// The tokens that are found in texts as a whole: control tokens, which are special, and those that a user defined.
    var addedTokens: [AddedToken] {
        zip(tokens, kinds).compactMap { token, kind in
            guard kind == .control || kind == .userDefined else { return nil }
            var added = AddedToken(special: token)
            added.special = kind == .control
            return added
        }
    }

    // MARK: Settings

    /// The id that a key names; nil if it names none.
    func id(_ name: String) throws(TokenizerError) -> Int32? {
        let field = file["tokenizer.ggml.\(name)_token_id"]
        // Writers put the largest number of 32 bits for none.
        guard let id = field.value?.integer, id != -1, id != Int(UInt32.max) else { return nil }
        guard tokens.indices.contains(id) else {
            throw field.malformed("there is no token \(id); there are \(tokens.count)")
        }
        return Int32(id)
    }

    /// The text of the token that a key names.
    func token(_ name: String) throws(TokenizerError) -> String? { try id(name).map { tokens[Int($0)] } }

    /// A setting that is on or off.
    func flag(_ name: String, default fallback: Bool) throws(TokenizerError) -> Bool {
        try file["tokenizer.ggml.\(name)"].bool(default: fallback)
    }

    /// A setting that is a string; nil if there is none.
    func string(_ name: String) throws(TokenizerError) -> String? {
        try file["tokenizer.ggml.\(name)"].optional { (field) throws(TokenizerError) in try field.string() }
    }
}
