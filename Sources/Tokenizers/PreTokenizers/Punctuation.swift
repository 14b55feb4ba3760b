/// Cuts at punctuation marks.
struct Punctuation: PreTokenizer {
    private let behavior: SplitDelimiterBehavior

    init(_ field: Field) throws(TokenizerError) {
        behavior =
            try field["behavior"].optional { (field) throws(TokenizerError) in
                try field.choice(of: SplitDelimiterBehavior.allCases)
            } ?? .isolated
    }

    func preTokenize(_ text: inout PreTokenizedText) {
        text.split(behavior) { ScalarTraits.of($0).contains(.punctuation) }
    }
}
