/// Puts spaces between tokens: what happens to those of a tokenizer without a decoder.
struct JoinWithSpaces: TokenwiseDecoder {
    func decode(_ token: String, at index: Int) -> String? { index == 0 ? token : " \(token)" }
}
