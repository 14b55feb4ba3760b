/// A normalised text that is being cut into words.
struct PreTokenizedText {
    /// A stretch of the text.
    struct Piece {
        /// Its bytes; never empty.
        var range: Range<Int>
        /// Its id where it is an added token, which no stage touches; else -1.
        var addedTokenID: Int32 = -1

        /// True if this is an added token.
        var isAddedToken: Bool { addedTokenID >= 0 }
    }

    /// The text of all pieces, and of what was cut away between them.
    private(set) var text = NormalizedText()
    /// The pieces in the order of the text.
    private(set) var pieces: [Piece] = []

    /// No text yet.
    init() {}

    /// A text that is cut already.
    init(_ text: NormalizedText, pieces: [Piece]) { (self.text, self.pieces) = (text, pieces) }

    /// Puts `part` behind the text, cut as `matches` say: stretches of it with their token's id, or -1.
    mutating func append(_ part: NormalizedText, pieces matches: [Piece]) {
        let start = text.bytes.count
        text.append(part)
        for match in matches where !match.range.isEmpty {
            pieces.append(
                Piece(
                    range: start + match.range.lowerBound..<start + match.range.upperBound,
                    addedTokenID: match.addedTokenID))
        }
    }

    /// Tells whether a piece that is not an added token begins with a byte for which `isMeant` holds.
    func hasWord(where isMeant: (UInt8) -> Bool) -> Bool {
        pieces.contains { !$0.isAddedToken && isMeant(text.bytes[$0.range.lowerBound]) }
    }

    /// Cuts every piece that is not an added token into what `cut` emits: ascending ranges within the piece. Empty ones
    /// are dropped.
    mutating func split(_ cut: (UnsafeBufferPointer<UInt8>, Range<Int>, (Range<Int>) -> Void) -> Void) {
        var result: [Piece] = []
        result.reserveCapacity(pieces.count + text.bytes.count / 4)
        text.bytes.withUnsafeBufferPointer { bytes in
            for piece in pieces {
                if piece.isAddedToken {
                    result.append(piece)
                } else {
                    cut(bytes, piece.range) { if !$0.isEmpty { result.append(Piece(range: $0)) } }
                }
            }
        }
        pieces = result
    }
}
