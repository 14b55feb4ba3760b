import PenstockJSON

extension Tokenizer {
    /// The tokenizer that the key-value pairs of a GGUF file describe.
    ///
    /// - Parameters:
    ///   - metadata: the pairs under `tokenizer.ggml.…`, and `general.architecture`
    ///   - file: the path of the file; errors name it
    /// - Throws: ``TokenizerError`` that names the key: `malformed` when its value is wrong, `unsupported` for a model or a
    ///   pre-tokenizer that is not known.
    package init(gguf metadata: JSONObject, file: String) throws(TokenizerError) {
        let field = Field(file: file, document: .object(metadata))
        let model = field["tokenizer.ggml.model"]
        let name = try model.string()
        guard let family = GGUFFamily.all.first(where: { $0.key == name })?.value else {
            throw model.unsupported(
                "\"\(name)\" is not supported; known are \(GGUFFamily.all.map(\.key).joined(separator: ", "))")
        }
        var vocabulary = try GGUFVocabulary(field)
        family.respell(&vocabulary)
        let configuration = try TokenizerConfiguration(vocabulary)
        var pipeline = try family.pipeline(vocabulary)
        pipeline.postProcessor = try family.postProcessor(vocabulary)
        let added = try AddedVocabulary(
            family.addedTokens(vocabulary), model: pipeline.model.vocabulary, normalizer: pipeline.normalizer,
            file: file)
        self.init(pipeline, added, configuration)
    }
}

extension TokenizerConfiguration {
    /// The named tokens of a GGUF file.
    fileprivate init(_ vocabulary: GGUFVocabulary) throws(TokenizerError) {
        self.init()
        bosToken = try vocabulary.token("bos")
        eosToken = try vocabulary.token("eos")
        unkToken = try vocabulary.token("unknown")
        padToken = try vocabulary.token("padding")
        // The name is misspelt in the format.
        sepToken = try vocabulary.token("seperator")
        maskToken = try vocabulary.token("mask")
        clsToken = try vocabulary.token("cls")
    }
}

/// A recipe that builds tokenizers of a value of `tokenizer.ggml.model`.
struct GGUFFamily: Sendable {
    /// Spells tokens as the pipeline does.
    var respell: @Sendable (inout GGUFVocabulary) -> Void = { _ in }
    /// Builds everything but the post-processor.
    let pipeline: @Sendable (GGUFVocabulary) throws(TokenizerError) -> TokenizerPipeline
    /// Builds the post-processor; nil for none.
    let postProcessor: @Sendable (GGUFVocabulary) throws(TokenizerError) -> (any PostProcessor)?
    /// The tokens that are found in texts as a whole.
    var addedTokens: @Sendable (GGUFVocabulary) -> [AddedToken] = { $0.addedTokens }

    /// The added tokens of RoBERTa and its relatives, whose mask takes the space before it: no file says so.
    static func addedTokensOfMasked(_ vocabulary: GGUFVocabulary) -> [AddedToken] {
        vocabulary.addedTokens.map { token in
            var token = token
            token.lstrip = token.lstrip || token.special && token.content == "<mask>"
            return token
        }
    }

    /// The recipes by the names of the models.
    static let all: KeyValuePairs<String, GGUFFamily> = [
        "gpt2": bytePairs, "llama": sentencePiece, "bert": wordPiece, "t5": unigram, "gemma4": sentencePiece,
    ]

    /// The token that begins a sequence and the one that ends it, as far as the file asks for them. The second of a pair
    /// begins as the first or, where texts are separated, with that token, and both are of one segment.
    ///
    /// - Parameters:
    ///   - begins, ends, separates: what counts if the file does not say it
    static func beginningAndEnd(
        _ vocabulary: GGUFVocabulary, begins: Bool, ends: Bool, separates: Bool = false
    ) throws(TokenizerError) -> (any PostProcessor)? {
        let bos = try vocabulary.flag("add_bos_token", default: begins) ? try vocabulary.id("bos") : nil
        let eos = try vocabulary.flag("add_eos_token", default: ends) ? try vocabulary.id("eos") : nil
        let separator =
            try vocabulary.flag("add_sep_token", default: separates) ? try vocabulary.id("seperator") : nil
        func pieces(_ sequence: Int) -> [TemplateProcessing.Piece] {
            let typeID = separator == nil ? Int32(sequence) : 0
            let start = sequence == 0 ? bos : separator ?? bos
            let before = start.map { [TemplateProcessing.Piece.special([$0], typeID: typeID)] } ?? []
            let behind = eos.map { [TemplateProcessing.Piece.special([$0], typeID: typeID)] } ?? []
            return before + [.sequence(sequence, typeID: typeID)] + behind
        }
        return bos == nil && eos == nil && separator == nil
            ? nil : TemplateProcessing(single: pieces(0), pair: pieces(0) + pieces(1))
    }
}
