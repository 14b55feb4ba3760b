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
            let files = try TokenizerConfigurationFiles(directory)
            try self.init(tokenizerFile: file, files, TokenizerClass(files.main, in: directory))
        } else {
            try self.init(legacyFiles: LegacyFiles(directory))
        }
    }

    private init(
        tokenizerFile file: Field, _ files: TokenizerConfigurationFiles, _ tokenizerClass: TokenizerClass
    ) throws(TokenizerError) {
        var pipeline = try TokenizerPipeline(tokenizerFile: file)
        try tokenizerClass.apply(files.main, unknownToken: files.configuration.unkToken, to: &pipeline, of: file)
        let listed = Set(pipeline.addedTokens.map { Array($0.content.utf8) })
        // As upstream, the tokens of both files are what tokenizer_config.json says of them.
        let isNew = { (content: [UInt8]) in !listed.contains(content) || files.decoderContents.contains(content) }
        let tokens = pipeline.addedTokens + files.addedTokens.filter { isNew(Array($0.content.utf8)) }
        let added = try AddedVocabulary(
            tokens, model: pipeline.model.vocabulary, normalizer: pipeline.normalizer, file: file.file,
            findsSpecial: !files.configuration.splitSpecialTokens)
        var configuration = files.configuration
        // Truncation that the file bakes in is not applied, but for the end at which it cuts.
        configuration.truncationSide = try files.truncationSide ?? pipeline.truncation?.direction ?? .right
        configuration.modelInputNames = configuration.modelInputNames ?? tokenizerClass.modelInputNames
        if configuration.padToken == nil, !files.absentTokens.contains("pad_token") {
            configuration.padToken = try tokenizerClass.padToken(file)
        }
        let vocabulary = pipeline.model.vocabulary
        pipeline.postProcessor = try tokenizerClass.postProcessor(
            insteadOf: pipeline.postProcessor, configuration, files.main
        ) { added.id(of: $0) ?? vocabulary.id(of: $0) }
        configuration.inferTokens(from: added.specialTokens, besides: files.absentTokens)
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
        let added = try AddedVocabulary(
            files.addedTokens, model: model, normalizer: pipeline.normalizer, file: file,
            findsSpecial: !files.configuration.splitSpecialTokens)
        let tokens = LegacyTokens(configuration: files.configuration, file: file) {
            added.id(of: $0) ?? model.id(of: $0)
        }
        pipeline.postProcessor = try family.postProcessor(checkpoint, tokens)
        self.init(pipeline, added, files.configuration)
    }
}
