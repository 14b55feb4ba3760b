/// Cuts numbers out, as a whole or digit by digit.
struct Digits: PreTokenizer {
    private let individualDigits: Bool

    init(_ field: Field) throws(TokenizerError) { individualDigits = try field["individual_digits"].bool() }

    func preTokenize(_ text: inout PreTokenizedText) {
        text.split(individualDigits ? .isolated : .contiguous, where: UpstreamUnicode.isNumeric)
    }
}
