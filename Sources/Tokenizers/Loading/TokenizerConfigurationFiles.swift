import PenstockJSON

/// The settings that tokenizer_config.json and its older companions make, before the vocabulary is known.
struct TokenizerConfigurationFiles {
    /// The values that callers see.
    private(set) var configuration = TokenizerConfiguration()
    /// Tokens to add to those of the vocabulary's own file, in the order in which they get ids.
    private(set) var addedTokens: [AddedToken] = []
    /// The first place of each content, as bytes, among the first ``placed`` of the added tokens.
    private var places: [[UInt8]: Int] = [:]
    private var placed = 0
    /// The contents of `added_tokens_decoder`, which says of each token how it is found.
    private(set) var decoderContents: Set<[UInt8]> = []
    /// The named tokens of which the files say that there are none: null.
    private(set) var absentTokens: Set<String> = []
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
        try refuseOtherFiles()
        var files = [main]
        if main["added_tokens_decoder"].exists {
            try addDecoder(main["added_tokens_decoder"])
        } else {
            if let legacy = try directory.document(of: "added_tokens.json") { try addLegacy(legacy) }
            // If both name a token, the older file wins.
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
        decoderContents = Set(addedTokens.map { Array($0.content.utf8) })
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
            let field = files.first { $0.has(name) }?[name]
            let named = try field?.optional { (field) throws(TokenizerError) in try AddedToken(named: field) }
            if field?.exists == false { absentTokens.insert(name) }
            guard let token = named ?? (field == nil ? standardToken(name) : nil) else { continue }
            configuration[keyPath: keyPath] = token.content
            addSpecial(token)
        }
    }

    /// Reads the special tokens that have no name of upstream's own: those with a name of the file's, then lists.
    private mutating func readExtraTokens(of files: [Field]) throws(TokenizerError) {
        let standard = Set(TokenizerConfiguration.namedTokens.map(\.key))
        let (extra, additional) = ("extra_special_tokens", "additional_special_tokens")
        let specific = main["model_specific_special_tokens"]
        var hasOwnNames = false
        // Those of tokenizer_config.json get their ids first.
        let files = files.reversed()
        for file in files {
            for (key, field) in file.exists ? try file.fields() : []
            where key.hasSuffix("_token") && !standard.contains(key) {
                // Others of such names are flags: add_bos_token.
                guard field.value?.string != nil || field["content"].exists else { continue }
                addSpecial(try AddedToken(named: field))
                hasOwnNames = true
            }
            guard file[extra].value?.object != nil else { continue }
            for (_, field) in try file[extra].fields() { addSpecial(try AddedToken(named: field)) }
            hasOwnNames = true
        }
        // As upstream, these count only where there are no others with names.
        if !hasOwnNames, specific.exists {
            for (_, field) in try specific.fields() { addSpecial(try AddedToken(named: field)) }
        }
        for file in files where file[extra].exists && file[extra].value?.object == nil {
            for field in try file[extra].elements() { addSpecial(try AddedToken(named: field)) }
        }
        // As upstream, the old name counts only where the new one is not there.
        if files.contains(where: { !($0[extra].value?.array ?? []).isEmpty }) { return }
        guard let file = files.first(where: { $0[additional].exists }) else { return }
        for field in try file[additional].elements() { addSpecial(try AddedToken(named: field)) }
    }

    /// Refuses settings that name other files than those that are read.
    private func refuseOtherFiles() throws(TokenizerError) {
        let (files, inputs) = (main["fast_tokenizer_files"], main["init_inputs"])
        if files.exists, try files.elements().contains(where: { $0.value != .string("tokenizer.json") }) {
            throw files.unsupported("only tokenizer.json is read; give that name to the one for the newest version")
        }
        if inputs.exists, try !inputs.elements().isEmpty {
            throw inputs.unsupported("arguments without a name are not known; give each its name")
        }
    }

    /// Names the tokens among `tokens` that the files do not name, as far as the vocabulary has them.
    mutating func addTokens(_ tokens: [String], ifInVocabulary isInVocabulary: (String) -> Bool) {
        let tokens = tokens.filter(isInVocabulary)
        configuration.inferTokens(from: tokens, besides: absentTokens)
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
            addedTokens[index].special = true
            // What `added_tokens_decoder` says of a token counts more than what stands beside its name.
            guard !decoderContents.contains(Array(token.content.utf8)) else { return }
            addedTokens[index].normalized = token.normalized
        } else {
            addedTokens.append(token)
        }
    }

    /// Returns the place of a token of the same content.
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
        configuration.chatControlTokens = try main["chat_control_tokens"].optional {
            (field) throws(TokenizerError) in
            try field.map { (token) throws(TokenizerError) in try token.string() }
        }
        configuration.splitSpecialTokens = try main["split_special_tokens"].bool(default: false)
        configuration.truncationSide = try truncationSide ?? .right
        // Nothing is padded, but what is no side is none upstream, either.
        _ = try side("padding_side")
        // max_len is its old name. Null is no limit.
        let length = main[main.has("model_max_length") ? "model_max_length" : "max_len"]
        guard length.exists else { return }
        guard let number = length.value?.double, number >= 0 || number.isNaN else {
            throw length.malformed("expected a length")
        }
        // Upstream writes 1e30 for "no limit", and Python infinity.
        configuration.modelMaxLength = number < 1e20 ? Int(exactly: number.rounded(.down)) : nil
    }

    /// The end at which texts are cut, if tokenizer_config.json says it.
    var truncationSide: Truncation.Direction? {
        get throws(TokenizerError) { try side("truncation_side") }
    }

    /// A side that tokenizer_config.json names.
    private func side(_ key: String) throws(TokenizerError) -> Truncation.Direction? {
        try main[key].optional { (field) throws(TokenizerError) in
            guard let side = Truncation.Direction.side(try field.string()) else {
                throw field.malformed("expected \"left\" or \"right\"")
            }
            return side
        }
    }
}
