/// The stage that puts special tokens around the encoded texts.
protocol PostProcessor: Sendable {
    /// True if it needs to know how many spaces tokens begin and end with.
    var trimsOffsets: Bool { get }

    /// Returns the number of special tokens that it adds to one text, or to a pair.
    func addedTokens(isPair: Bool) -> Int

    /// Turns the encodings of one text, or of a pair, into those that are put end to end for the result.
    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding]
}

extension PostProcessor {
    var trimsOffsets: Bool { false }
}

/// The post-processors that tokenizer.json may name.
enum PostProcessors {
    static let registry = Registry<any PostProcessor>(
        name: "post-processor",
        makers: [
            "BertProcessing": { (field) throws(TokenizerError) in try BertProcessing(field) },
            "ByteLevel": { (field) throws(TokenizerError) in try ByteLevelProcessing(field) },
            "RobertaProcessing": { (field) throws(TokenizerError) in try RobertaProcessing(field) },
            "Sequence": { (field) throws(TokenizerError) in try PostProcessorSequence(field) },
            "TemplateProcessing": { (field) throws(TokenizerError) in try TemplateProcessing(field) },
        ])
}

/// Several post-processors, one after the other.
struct PostProcessorSequence: PostProcessor {
    private let processors: [any PostProcessor]

    init(_ field: Field) throws(TokenizerError) {
        let field = field["processors"]
        processors = try field.map(PostProcessors.registry.make)
        // A template leaves more parts than two, and nothing that lays out one text or two can go on from there.
        if let template = processors.firstIndex(where: { $0 is TemplateProcessing }),
            let other = processors[(template + 1)...].firstIndex(where: { $0.addedTokens(isPair: true) > 0 })
        {
            throw field.element(other).unsupported("only ByteLevel can follow a TemplateProcessing")
        }
    }

    var trimsOffsets: Bool { processors.contains(where: \.trimsOffsets) }

    func addedTokens(isPair: Bool) -> Int { processors.reduce(0) { $0 + $1.addedTokens(isPair: isPair) } }

    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        processors.reduce(encodings) { $1.process($0, addSpecialTokens: addSpecialTokens) }
    }
}
