/// Makes one token of all.
struct Fuse: Decoder {
    func makeStage() -> any DecodingStage { Stage() }

    private struct Stage: DecodingStage {
        private var fusion = Fusion()

        mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece]) {
            fusion.append(piece.text, to: &output)
        }

        mutating func finish(_ output: inout [DecodedPiece]) { fusion.finish(&output) }
    }
}

/// Emits texts as the pieces of one token.
struct Fusion: Sendable {
    private var hasBegun = false

    mutating func append(_ text: String, to output: inout [DecodedPiece]) {
        guard !text.isEmpty else { return }
        output.append(DecodedPiece(text: text, begins: !hasBegun, ends: false))
        hasBegun = true
    }

    mutating func finish(_ output: inout [DecodedPiece]) {
        output.append(DecodedPiece(text: "", begins: !hasBegun, ends: true))
    }
}
