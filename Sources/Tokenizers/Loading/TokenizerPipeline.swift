/// The stages of a tokenizer, in the order of a text's way through them.
struct TokenizerPipeline: Sendable {
    var normalizer: (any Normalizer)?
    var preTokenizer: (any PreTokenizer)?
    var model: any TokenizerModel
    var postProcessor: (any PostProcessor)?
    var decoder: (any Decoder)?
    /// The added tokens that the file lists.
    var addedTokens: [AddedToken] = []
    /// The truncation that the file bakes in.
    var truncation: Truncation?

    /// The keys of tokenizer.json. As upstream, there are no others.
    private static let keys = [
        "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
        "model",
    ]

    /// Reads tokenizer.json.
    init(tokenizerFile file: Field) throws(TokenizerError) {
        for entry in try file.entries() where !Self.keys.contains(entry.key) {
            throw file.unsupported("unknown key \"\(entry.key)\"; known are \(Self.keys.joined(separator: ", "))")
        }
        if file["version"].exists, try file["version"].string() != "1.0" {
            throw file["version"].unsupported("only version 1.0 is supported")
        }
        normalizer = try file["normalizer"].optional(Normalizers.registry.make)
        preTokenizer = try file["pre_tokenizer"].optional(PreTokenizers.registry.make)
        model = try TokenizerModels.make(file["model"])
        postProcessor = try file["post_processor"].optional(PostProcessors.registry.make)
        decoder = try file["decoder"].optional(Decoders.registry.make)
        addedTokens =
            try file["added_tokens"].optional { (field) throws(TokenizerError) in
                try field.map { (token) throws(TokenizerError) in
                    _ = try token["id"].id()
                    return try AddedToken(token)
                }
            } ?? []
        truncation = try file["truncation"].optional { (field) throws(TokenizerError) in try Truncation(field) }
    }

    /// A pipeline of these stages, as yet without post-processor.
    init(
        normalizer: (any Normalizer)? = nil, preTokenizer: (any PreTokenizer)?, model: any TokenizerModel,
        decoder: any Decoder
    ) {
        (self.normalizer, self.preTokenizer, self.model, self.decoder) = (normalizer, preTokenizer, model, decoder)
    }
}
