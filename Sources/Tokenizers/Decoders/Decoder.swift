/// The stage that turns tokens back into text.
protocol Decoder: Sendable {
    /// Turns the texts of tokens into pieces that, put end to end, are the decoded text.
    func decode(_ tokens: [String]) -> [String]
}

/// The decoders that tokenizer.json may name.
enum Decoders {
    static let registry = Registry<any Decoder>(
        name: "decoder",
        makers: [
            "Fuse": { (_) throws(TokenizerError) in Fuse() },
            "Sequence": { (field) throws(TokenizerError) in try DecoderSequence(field) },
            "WordPiece": { (field) throws(TokenizerError) in try WordPieceDecoder(field) },
        ])
}

/// Several decoders, one after the other.
struct DecoderSequence: Decoder {
    private let decoders: [any Decoder]

    init(_ field: Field) throws(TokenizerError) { decoders = try field["decoders"].map(Decoders.registry.make) }

    func decode(_ tokens: [String]) -> [String] { decoders.reduce(tokens) { $1.decode($0) } }
}

/// Makes one piece of all.
struct Fuse: Decoder {
    func decode(_ tokens: [String]) -> [String] { [tokens.joined()] }
}
