extension Tokenizer {
    /// Loads the tokenizer of the model in `directory`: tokenizer.json, or else what old checkpoints have: vocab.txt,
    /// vocab.json with merges.txt, or a SentencePiece model; beside it tokenizer_config.json, with
    /// special_tokens_map.json and added_tokens.json where that is an old one.
    ///
    /// - Throws: ``TokenizerError`` that names the file and the place in it: `unreadable` when there is no such file or
    ///   one cannot be read, `malformed` when its contents are wrong, `unsupported` for a component that is not known.
    public init(directory: String) throws(TokenizerError) {
        let directory = TokenizerDirectory(path: directory)
        if let file = try directory.document(of: "tokenizer.json", dialect: .serde) {
            try self.init(tokenizerFile: file, TokenizerConfigurationFiles(directory))
        } else {
            try self.init(legacyFiles: LegacyFiles(directory))
        }
    }

    private init(tokenizerFile file: Field, _ files: TokenizerConfigurationFiles) throws(TokenizerError) {
        let pipeline = try TokenizerPipeline(tokenizerFile: file)
        let listed = Set(pipeline.addedTokens.map { Array($0.content.utf8) })
        let tokens = pipeline.addedTokens + files.addedTokens.filter { !listed.contains(Array($0.content.utf8)) }
        let added = try AddedVocabulary(
            tokens, model: pipeline.model.vocabulary, normalizer: pipeline.normalizer, file: file.file)
        var configuration = files.configuration
        configuration.inferTokens(from: added.specialTokens)
        self.init(pipeline, added, configuration)
    }

    private init(legacyFiles: LegacyFiles) throws(TokenizerError) {
        let family = try LegacyFamilies.family(of: legacyFiles)
        var files = try TokenizerConfigurationFiles(
            legacyFiles.directory, standardToken: family.namedToken, extraTokens: try family.extraTokens(legacyFiles))
        let checkpoint = LegacyCheckpoint(files: legacyFiles, configuration: files.configuration)
        var pipeline = try family.pipeline(checkpoint)
        let model = pipeline.model.vocabulary
        files.addTokens(family.specialTokensOfVocabulary) { model.id(of: $0) != nil }
        let file = legacyFiles.directory.path
        let added = try AddedVocabulary(files.addedTokens, model: model, normalizer: pipeline.normalizer, file: file)
        let tokens = LegacyTokens(configuration: files.configuration, file: file) {
            added.id(of: $0) ?? model.id(of: $0)
        }
        pipeline.postProcessor = try family.postProcessor(checkpoint, tokens)
        self.init(pipeline, added, files.configuration)
    }
}
