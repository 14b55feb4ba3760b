extension Tokenizer {
    /// Loads the tokenizer of the model in `directory`: tokenizer.json, or else vocab.txt for one of BERT's kind;
    /// beside it tokenizer_config.json, with special_tokens_map.json and added_tokens.json where that is an old one.
    ///
    /// - Throws: ``TokenizerError`` that names the file and the place in it: `unreadable` when there is neither file or
    ///   one cannot be read, `malformed` when its contents are wrong, `unsupported` for a component that is not known.
    public init(directory: String) throws(TokenizerError) {
        let directory = TokenizerDirectory(path: directory)
        if let file = try directory.document(of: "tokenizer.json") {
            try self.init(tokenizerFile: file, TokenizerConfigurationFiles(directory))
        } else if let bytes = try directory.bytes(of: "vocab.txt") {
            let file = directory.path(of: "vocab.txt")
            try self.init(vocabularyFile: file, bytes: bytes, TokenizerConfigurationFiles(directory))
        } else {
            throw TokenizerError(
                .unreadable,
                "\(directory.path): no tokenizer.json and no vocab.txt; add one, as the model's repository has it")
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

    private init(
        vocabularyFile file: String, bytes: [UInt8], _ files: TokenizerConfigurationFiles
    ) throws(TokenizerError) {
        var pipeline = try TokenizerPipeline(vocabularyFile: file, bytes: bytes, files)
        var files = files
        let model = pipeline.model.vocabulary
        files.addBertTokens { model.id(of: $0) != nil }
        let added = try AddedVocabulary(files.addedTokens, model: model, normalizer: pipeline.normalizer, file: file)
        try pipeline.addBertPostProcessor(files.configuration, file: file) { added.id(of: $0) ?? model.id(of: $0) }
        self.init(pipeline, added, files.configuration)
    }
}
