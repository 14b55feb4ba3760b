/// Cuts at the matches of a string or a regular expression, or else between them.
struct Split: PreTokenizer {
    private let pattern: any TextPattern
    private let behavior: SplitDelimiterBehavior
    private let invert: Bool

    init(_ field: Field) throws(TokenizerError) {
        pattern = try Patterns.make(field["pattern"])
        behavior = try field["behavior"].choice(of: SplitDelimiterBehavior.allCases)
        invert = try field["invert"].bool()
    }

    func preTokenize(_ text: inout PreTokenizedText) { text.split(at: pattern, behavior, invert: invert) }
}
