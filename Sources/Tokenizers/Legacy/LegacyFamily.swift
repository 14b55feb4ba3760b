/// A recipe that builds a family of tokenizers from the files that its checkpoints had before there was tokenizer.json;
/// from transformers 5, which builds them in code.
struct LegacyFamily: Sendable {
    /// The names of its classes in tokenizer_config.json, without `Fast`.
    var classes: [String]
    /// The `model_type` of config.json of models that have it.
    var modelTypes: [String]
    /// The named tokens where no file names them.
    var namedTokens: KeyValuePairs<String, String> = [:]
    /// Tokens that are special where the vocabulary has them.
    var specialTokensOfVocabulary: [String] = []
    /// True if the mask token absorbs spaces on its left where no file says.
    var maskAbsorbsSpaces = false
    /// Builds everything but the post-processor.
    var pipeline: @Sendable (LegacyCheckpoint) throws(TokenizerError) -> TokenizerPipeline
    /// Builds the post-processor.
    var postProcessor: @Sendable (LegacyCheckpoint, LegacyTokens) throws(TokenizerError) -> any PostProcessor
    /// The special tokens beyond the named ones; nil for those that the files name.
    var extraTokens: @Sendable (LegacyFiles) throws(TokenizerError) -> [AddedToken]? = {
        (files) throws(TokenizerError) in files.sentencePieceModel?.addedTokens
    }

    /// The named token of that name where no file has one.
    func namedToken(_ name: String) -> AddedToken? {
        guard let content = namedTokens.first(where: { $0.key == name })?.value else { return nil }
        var token = AddedToken(special: content)
        token.lstrip = name == "mask_token" && maskAbsorbsSpaces
        return token
    }
}

/// The files of a checkpoint without tokenizer.json.
struct LegacyFiles {
    let directory: TokenizerDirectory
    /// tokenizer_config.json; without a value when there is none.
    let settings: Field
    /// The SentencePiece model, if there is one.
    let sentencePieceModel: SentencePieceModel?

    /// The names that SentencePiece models go by.
    fileprivate static let sentencePieceNames = [
        "sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "source.spm",
    ]

    init(_ directory: TokenizerDirectory) throws(TokenizerError) {
        self.directory = directory
        settings = try TokenizerConfigurationFiles.main(of: directory)
        var model: SentencePieceModel?
        for name in Self.sentencePieceNames where model == nil {
            guard let bytes = try directory.bytes(of: name) else { continue }
            model = try SentencePieceModel(file: directory.path(of: name), bytes: bytes)
        }
        sentencePieceModel = model
    }
}

/// A checkpoint without tokenizer.json, its named tokens known.
@dynamicMemberLookup
struct LegacyCheckpoint {
    let files: LegacyFiles
    /// The named tokens, the family's own included.
    let configuration: TokenizerConfiguration

    subscript<T>(dynamicMember member: KeyPath<LegacyFiles, T>) -> T { files[keyPath: member] }

    /// A setting of tokenizer_config.json that is on or off.
    func flag(_ name: String, default standard: Bool) throws(TokenizerError) -> Bool {
        try files.settings[name].bool(default: standard)
    }

    /// Returns the scheme by which Metaspace puts its character before pieces.
    func prependScheme(_ scheme: Metaspace.PrependScheme = .always) throws(TokenizerError) -> Metaspace.PrependScheme {
        try flag("add_prefix_space", default: true) ? scheme : .never
    }

    /// The SentencePiece model, which the family cannot do without.
    func requiredSentencePieceModel() throws(TokenizerError) -> SentencePieceModel {
        guard let model = files.sentencePieceModel else {
            throw missing(LegacyFiles.sentencePieceNames.joined(separator: " or "))
        }
        return model
    }

    /// The bytes of a file that the family cannot do without.
    func requiredBytes(of name: String) throws(TokenizerError) -> [UInt8] {
        guard let bytes = try files.directory.bytes(of: name) else { throw missing(name) }
        return bytes
    }

    /// The vocabulary of vocab.json.
    func vocabularyFile() throws(TokenizerError) -> Vocabulary {
        guard let field = try files.directory.document(of: "vocab.json") else { throw missing("vocab.json") }
        return try Vocabulary(field)
    }

    private func missing(_ name: String) -> TokenizerError {
        TokenizerError(
            .unreadable,
            "\(files.directory.path): no \(name) and no tokenizer.json; add one, as the model's repository has it")
    }
}

/// The tokens of a checkpoint, by name and by text.
struct LegacyTokens {
    let configuration: TokenizerConfiguration
    /// The file that the tokens come from; errors name it.
    let file: String
    /// The id of a token.
    let id: (String) -> Int32?

    /// The id of a token that the post-processor needs.
    func requiredID(of token: String) throws(TokenizerError) -> Int32 {
        guard let id = id(token) else {
            throw TokenizerError(.malformed, "\(file): the vocabulary lacks the token \"\(token)\"")
        }
        return id
    }

    /// The id of a named token that the post-processor needs.
    func requiredID(
        _ token: KeyPath<TokenizerConfiguration, String?>, _ name: String
    ) throws(TokenizerError) -> Int32 {
        guard let content = configuration[keyPath: token] else {
            throw TokenizerError(
                .malformed, "\(file): the special token \"\(name)\" has no name; add it to tokenizer_config.json")
        }
        return try requiredID(of: content)
    }
}
