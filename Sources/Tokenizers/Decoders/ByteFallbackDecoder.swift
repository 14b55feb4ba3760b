/// Turns runs of tokens like `<0xE2>` into the text that their bytes spell, or into U+FFFD for each where they spell none.
///
/// A run is held back to its end: one byte that does not fit spoils all of it.
struct ByteFallbackDecoder: Decoder {
    func makeStage() -> any DecodingStage { Stage() }

    private struct Stage: DecodingStage {
        private var collector = TokenCollector()
        private var run: [UInt8] = []

        mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece]) {
            guard let token = collector.append(piece) else { return }
            if let byte = ByteFallbackDecoder.byte(of: token) {
                run.append(byte)
            } else {
                finish(&output)
                output.append(DecodedPiece(text: token))
            }
        }

        mutating func finish(_ output: inout [DecodedPiece]) {
            guard !run.isEmpty else { return }
            if let text = String(validating: run, as: UTF8.self) {
                output.append(DecodedPiece(text: text))
            } else {
                output += repeatElement(DecodedPiece(text: "\u{FFFD}"), count: run.count)
            }
            run = []
        }
    }

    /// The byte that a token stands for.
    static func byte(of token: String) -> UInt8? {
        let utf8 = token.utf8
        guard utf8.count == 6, utf8.starts(with: "<0x".utf8), utf8.last == UInt8(ascii: ">") else { return nil }
        let digits = String(token.unicodeScalars.dropFirst(3).dropLast())
        return digits.hasPrefix("-") ? nil : UInt8(digits, radix: 16)
    }
}
