/// Turns the characters of byte-level models back into the bytes that they stand for, and these into one text.
struct ByteLevelDecoder: Decoder {
    func makeStage() -> any DecodingStage { Stage() }

    private struct Stage: DecodingStage {
        private var collector = TokenCollector()
        private var fusion = Fusion()
        /// The beginning of a character whose other bytes have not come yet.
        private var pending: [UInt8] = []

        mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece]) {
            guard let token = collector.append(piece) else { return }
            var bytes = pending
            ByteLevelDecoder.append(token, to: &bytes)
            let whole = bytes.count - UTF8Reading.lengthOfBegunScalar(atEndOf: bytes)
            pending = Array(bytes[whole...])
            fusion.append(String(decoding: bytes[..<whole], as: UTF8.self), to: &output)
        }

        mutating func finish(_ output: inout [DecodedPiece]) {
            fusion.append(String(decoding: pending, as: UTF8.self), to: &output)
            fusion.finish(&output)
        }
    }

    /// The bytes of a token; its text as it is, if it has a character that stands for none.
    static func bytes(of token: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append(token, to: &bytes)
        return bytes
    }

    /// Appends the bytes of a token; its text as it is, if it has a character that stands for none.
    static func append(_ token: String, to bytes: inout [UInt8]) {
        let start = bytes.count
        for scalar in token.unicodeScalars {
            guard let byte = ByteAlphabet.byte(for: scalar) else {
                bytes.removeSubrange(start...)
                bytes.append(contentsOf: token.utf8)
                return
            }
            bytes.append(byte)
        }
    }
}
