extension LegacyFamilies {
    /// Marian: the pieces of source.spm, and ids of their own in vocab.json. transformers has no tokenizer.json for it;
    /// this does what SentencePiece does.
    static let marian = LegacyFamily(
        classes: ["MarianTokenizer"], modelTypes: ["marian"],
        namedTokens: ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"],
        pipeline: { (checkpoint) throws(TokenizerError) in
            let model = try checkpoint.requiredSentencePieceModel()
            let vocabulary = try checkpoint.vocabularyFile()
            let unknown = checkpoint.configuration.unkToken ?? ""
            guard vocabulary.id(of: unknown) != nil else {
                throw TokenizerError(
                    .malformed,
                    "\(checkpoint.directory.path(of: "vocab.json")): the unk_token \"\(unknown)\" is missing")
            }
            return TokenizerPipeline(
                normalizer: SentencePieceNormalizer(model.charsMap),
                preTokenizer: try PreTokenizers.registry.make(
                    Field(literal: #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}"#)),
                model: Unigram(
                    pieces: model.pieces(from: 0), unknown: Int32(model.unknownID), vocabulary: vocabulary,
                    byteFallback: false, file: model.file),
                decoder: DecoderSequence([
                    MetaspaceDecoder(prependScheme: .always), Fuse(), StripDecoder(" ", start: .max, stop: .max),
                ]))
        },
        postProcessor: { (_, tokens) throws(TokenizerError) in
            let eos = TemplateProcessing.Piece.special([try tokens.requiredID(\.eosToken, "eos_token")], typeID: 0)
            return TemplateProcessing(
                single: [.sequence(0, typeID: 0), eos], pair: [.sequence(0, typeID: 0), .sequence(1, typeID: 0), eos])
        },
        // The codes of target languages, which the text begins with.
        extraTokens: { (files) throws(TokenizerError) in
            let entries = try files.directory.document(of: "vocab.json")?.entries() ?? []
            let codes = entries.map(\.key).filter {
                $0.utf8.starts(with: ">>".utf8) && $0.utf8.suffix(2).elementsEqual("<<".utf8)
            }
            return codes.map { code in
                var token = AddedToken(special: code)
                token.special = false
                return token
            }
        })
}
