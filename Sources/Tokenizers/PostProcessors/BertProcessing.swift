/// `[CLS] A [SEP]`, and for a pair `[CLS] A [SEP] B [SEP]`. The older spelling of a template.
struct BertProcessing: PostProcessor {
    private let template: TemplateProcessing

    init(_ field: Field) throws(TokenizerError) {
        template = TemplateProcessing(cls: try Self.id(field["cls"]), sep: try Self.id(field["sep"]))
    }

    /// Reads `["[SEP]", 102]`.
    private static func id(_ field: Field) throws(TokenizerError) -> Int32 {
        let elements = try field.elements()
        guard elements.count == 2 else { throw field.malformed("expected a token and its id") }
        return try elements[1].id()
    }

    func addedTokens(isPair: Bool) -> Int { template.addedTokens(isPair: isPair) }

    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        // Unlike a template this leaves the encodings alone when it adds nothing; their types are the same then.
        addSpecialTokens ? template.process(encodings, addSpecialTokens: true) : encodings
    }
}
