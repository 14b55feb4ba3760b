import PenstockJSON

/// What tokenizer_config.json and its older companions say, before the vocabulary is known.
struct TokenizerConfigurationFiles {
    /// The values that callers see.
    private(set) var configuration = TokenizerConfiguration()
    /// Tokens to add to those of the vocabulary's own file, in the order in which they get ids.
    private(set) var addedTokens: [AddedToken] = []
    /// The first place of each content, as bytes, among the first ``placed`` of the added tokens.
    private var places: [[UInt8]: Int] = [:]
    private var placed = 0
    /// tokenizer_config.json; without a value when there is none.
    let main: Field

    /// Reads the files of a directory; all of them may be missing.
    ///
    /// - Parameters:
    ///   - standardToken: the named token of a name where no file has one.
    ///   - extraTokens: the special tokens beyond the named ones; nil for those of the files.
    init(
        _ directory: TokenizerDirectory, standardToken: (String) -> AddedToken? = { _ in nil },
        extraTokens: [AddedToken]? = nil
    ) throws(TokenizerError) {
        main = try Self.main(of: directory)
        var files = [main]
        if main["added_tokens_decoder"].exists {
            try addDecoder(main["added_tokens_decoder"])
        } else {
            if let legacy = try directory.document(of: "added_tokens.json") { try addLegacy(legacy) }
            // Where both name a token, the older file wins.
            if let map = try directory.document(of: "special_tokens_map.json") { files.insert(map, at: 0) }
        }
        try readNamedTokens(of: files, standardToken)
        if let extraTokens {
            for token in extraTokens { addExtra(token) }
        } else {
            try readExtraTokens(of: files)
        }
        try readSettings()
    }

    /// tokenizer_config.json; without a value when there is none.
    static func main(of directory: TokenizerDirectory) throws(TokenizerError) -> Field {
        let name = "tokenizer_config.json"
        return try directory.document(of: name) ?? Field(file: directory.path(of: name), document: .null)
    }

    /// Reads `{"103": {"content": "[MASK]", …}}`.
    private mutating func addDecoder(_ field: Field) throws(TokenizerError) {
        var tokens: [(id: Int32, token: AddedToken)] = []
        for (key, token) in try field.fields() {
            guard let id = Int32(key), id >= 0 else { throw field.malformed("\"\(key)\" is not an id") }
            tokens.append((id, try AddedToken(token)))
        }
        addedTokens += tokens.sorted { $0.id < $1.id }.map(\.token)
    }

    /// Reads `{"<new>": 30522}`.
    private mutating func addLegacy(_ field: Field) throws(TokenizerError) {
        var tokens: [(id: Int, content: String)] = []
        for entry in try field.entries() {
            guard let id = entry.value.integer else {
                throw field.malformed("the id of \"\(entry.key)\" is not a number")
            }
            tokens.append((id, entry.key))
        }
        for (_, content) in tokens.sorted(by: { $0.id < $1.id }) {
            var token = AddedToken(special: content)
            (token.special, token.normalized) = (false, true)
            addedTokens.append(token)
        }
    }

    private mutating func readNamedTokens(
        of files: [Field], _ standardToken: (String) -> AddedToken?
    ) throws(TokenizerError) {
        for (name, keyPath) in TokenizerConfiguration.namedTokens {
            let field = files.map({ $0[name] }).first(where: \.exists)
            let named = try field?.optional { (field) throws(TokenizerError) in try AddedToken(named: field) }
            guard let token = named ?? standardToken(name) else { continue }
            configuration[keyPath: keyPath] = token.content
            addSpecial(token)
        }
    }

    private mutating func readExtraTokens(of files: [Field]) throws(TokenizerError) {
        for file in files {
            for name in ["additional_special_tokens", "extra_special_tokens"] where file[name].value?.array != nil {
                for field in try file[name].elements() { addSpecial(try AddedToken(named: field)) }
            }
        }
    }

    /// Names the tokens among `tokens` that the files do not name, as far as the vocabulary has them.
    mutating func addTokens(_ tokens: [String], ifInVocabulary isInVocabulary: (String) -> Bool) {
        let tokens = tokens.filter(isInVocabulary)
        configuration.inferTokens(from: tokens)
        for token in tokens { addSpecial(AddedToken(special: token)) }
    }

    /// Adds a token that may not be special, unless it is there.
    private mutating func addExtra(_ token: AddedToken) {
        if token.special {
            addSpecial(token)
        } else if place(of: token) == nil {
            addedTokens.append(token)
        }
    }

    private mutating func addSpecial(_ token: AddedToken) {
        if let index = place(of: token) {
            (addedTokens[index].special, addedTokens[index].normalized) = (true, token.normalized)
        } else {
            addedTokens.append(token)
        }
    }

    /// Where a token of the same content is.
    private mutating func place(of token: AddedToken) -> Int? {
        for index in placed..<addedTokens.count {
            let content = Array(addedTokens[index].content.utf8)
            places[content] = places[content] ?? index
        }
        placed = addedTokens.count
        return places[Array(token.content.utf8)]
    }

    private mutating func readSettings() throws(TokenizerError) {
        configuration.cleanUpTokenizationSpaces = try main["clean_up_tokenization_spaces"].bool(default: false)
        configuration.cleansUpRegardless = try main[
            "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output"
        ].bool(default: false)
        configuration.modelInputNames = try main["model_input_names"].optional { (field) throws(TokenizerError) in
            try field.map { (name) throws(TokenizerError) in try name.string() }
        }
        // max_len is its old name.
        guard let length = [main["model_max_length"], main["max_len"]].first(where: \.exists) else { return }
        guard let number = length.value?.double, number >= 0 || number.isNaN else {
            throw length.malformed("expected a length")
        }
        // Upstream writes 1e30 for "no limit", and Python infinity.
        configuration.modelMaxLength = number < 1e20 ? Int(exactly: number.rounded(.down)) : nil
    }
}
