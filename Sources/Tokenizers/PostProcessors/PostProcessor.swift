/// The stage that puts special tokens around the encoded texts.
protocol PostProcessor: Sendable {
    /// How many special tokens it adds to one text, or to a pair.
    func addedTokens(isPair: Bool) -> Int

    /// Turns the encodings of one text, or of a pair, into those that are put end to end for the result.
    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding]
}

/// The post-processors that tokenizer.json may name.
enum PostProcessors {
    static let registry = Registry<any PostProcessor>(
        name: "post-processor",
        makers: [
            "BertProcessing": { (field) throws(TokenizerError) in try BertProcessing(field) },
            "Sequence": { (field) throws(TokenizerError) in try PostProcessorSequence(field) },
            "TemplateProcessing": { (field) throws(TokenizerError) in try TemplateProcessing(field) },
        ])
}

/// Several post-processors, one after the other.
struct PostProcessorSequence: PostProcessor {
    private let processors: [any PostProcessor]

    init(_ field: Field) throws(TokenizerError) {
        processors = try field["processors"].map(PostProcessors.registry.make)
    }

    func addedTokens(isPair: Bool) -> Int { processors.reduce(0) { $0 + $1.addedTokens(isPair: isPair) } }

    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        processors.reduce(encodings) { $1.process($0, addSpecialTokens: addSpecialTokens) }
    }
}
