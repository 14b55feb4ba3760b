/// Turns the suffix that ends words into spaces, and into nothing in the last token.
struct BPEDecoder: Decoder {
    private let suffix: LiteralPattern

    init(_ field: Field) throws(TokenizerError) { self.init(suffix: try field["suffix"].string()) }

    init(suffix: String) { self.suffix = LiteralPattern(suffix) }

    func makeStage() -> any DecodingStage { Stage(suffix: suffix) }

    private struct Stage: DecodingStage {
        let suffix: LiteralPattern
        private var collector = TokenCollector()
        /// The last token, as far as is known.
        private var last: String?

        init(suffix: LiteralPattern) { self.suffix = suffix }

        mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece]) {
            guard let token = collector.append(piece) else { return }
            flush(replacingSuffixWith: " ", &output)
            last = token
        }

        mutating func finish(_ output: inout [DecodedPiece]) { flush(replacingSuffixWith: "", &output) }

        private mutating func flush(replacingSuffixWith space: String, _ output: inout [DecodedPiece]) {
            guard let token = last else { return }
            output.append(DecodedPiece(text: token.replacing(suffix, with: space)))
            last = nil
        }
    }
}
