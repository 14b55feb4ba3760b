/// Cuts at a character, which is dropped.
struct CharDelimiterSplit: PreTokenizer {
    private let pattern: LiteralPattern

    init(_ field: Field) throws(TokenizerError) {
        pattern = LiteralPattern(String(try field["delimiter"].scalar()))
    }

    func preTokenize(_ text: inout PreTokenizedText) { text.split(at: pattern, .removed) }
}
