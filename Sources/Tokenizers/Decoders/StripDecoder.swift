/// Takes a character away from the ends of each token, as often as it may.
struct StripDecoder: Decoder {
    private let content: Unicode.Scalar
    /// Most characters to take from the beginning.
    private let start: Int
    /// Most characters to take from the end.
    let stop: Int

    init(_ field: Field) throws(TokenizerError) {
        self.init(
            try field["content"].scalar(), start: try field["start"].integer(in: 0...Int.max),
            stop: try field["stop"].integer(in: 0...Int.max))
    }

    init(_ content: Unicode.Scalar, start: Int, stop: Int) {
        (self.content, self.start, self.stop) = (content, start, stop)
    }

    func makeStage() -> any DecodingStage { Stage(decoder: self) }

    private struct Stage: DecodingStage {
        let decoder: StripDecoder
        /// The number of characters that may yet be taken from the beginning of the token.
        private var left = 0
        /// The number of characters that came last, which may have to be taken from the end.
        private var heldBack = 0

        init(decoder: StripDecoder) { self.decoder = decoder }

        mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece]) {
            if piece.begins { (left, heldBack) = (decoder.start, 0) }
            var scalars = String.UnicodeScalarView()
            for scalar in piece.text.unicodeScalars {
                if scalar != decoder.content {
                    release(heldBack, to: &scalars)
                    scalars.append(scalar)
                    left = 0
                } else if left > 0 {
                    left -= 1
                } else {
                    heldBack += 1
                    if heldBack > decoder.stop { release(heldBack - decoder.stop, to: &scalars) }

                }
            }
            output.append(DecodedPiece(text: String(scalars), begins: piece.begins, ends: piece.ends))
        }

        /// Lets go of characters that were held back, since they are not among the last.
        private mutating func release(_ count: Int, to scalars: inout String.UnicodeScalarView) {
            for _ in 0..<count { scalars.append(decoder.content) }
            heldBack -= count
        }

        mutating func finish(_ output: inout [DecodedPiece]) {}
    }
}
