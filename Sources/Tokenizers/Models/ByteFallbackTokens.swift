/// The tokens `<0x00>` to `<0xFF>`, which spell what the vocabulary has no other tokens for.
struct ByteFallbackTokens: Sendable {
    /// The id for each byte; -1 where the vocabulary lacks it.
    private let ids: [Int32]

    init(_ vocabulary: Vocabulary) {
        ids = (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return vocabulary.id(of: "<0x\(byte < 16 ? "0" : "")\(digits)>") ?? -1
        }
    }

    /// Tells whether the vocabulary has tokens for all of these bytes.
    func covers(_ bytes: some Sequence<UInt8>) -> Bool { bytes.allSatisfy { ids[Int($0)] >= 0 } }

    /// The token of a byte, which it covers.
    subscript(byte: UInt8) -> Int32 { ids[Int(byte)] }
}
