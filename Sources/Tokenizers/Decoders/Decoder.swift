/// The stage that turns tokens back into text.
protocol Decoder: Sendable {
    /// Decodes one sequence of tokens, as they come.
    func makeStage() -> any DecodingStage
}

/// The decoders that tokenizer.json may name.
enum Decoders {
    static let registry = Registry<any Decoder>(
        name: "decoder",
        makers: [
            "BPEDecoder": { (field) throws(TokenizerError) in try BPEDecoder(field) },
            "ByteFallback": { (_) throws(TokenizerError) in ByteFallbackDecoder() },
            "ByteLevel": { (_) throws(TokenizerError) in ByteLevelDecoder() },
            "CTC": { (field) throws(TokenizerError) in try CTCDecoder(field) },
            "Fuse": { (_) throws(TokenizerError) in Fuse() },
            "Metaspace": { (field) throws(TokenizerError) in try MetaspaceDecoder(field) },
            "Replace": { (field) throws(TokenizerError) in try ReplaceDecoder(field) },
            "Sequence": { (field) throws(TokenizerError) in try DecoderSequence(field) },
            "Strip": { (field) throws(TokenizerError) in try StripDecoder(field) },
            "WordPiece": { (field) throws(TokenizerError) in try WordPieceDecoder(field) },
        ])
}

/// Several decoders, one after the other.
struct DecoderSequence: Decoder {
    let decoders: [any Decoder]

    init(_ field: Field) throws(TokenizerError) { decoders = try field["decoders"].map(Decoders.registry.make) }

    init(_ decoders: [any Decoder]) { self.decoders = decoders }

    func makeStage() -> any DecodingStage { StageSequence(decoders.map { $0.makeStage() }) }
}
