/// A part of a text that was put together of the words of a template and those of its users.
public struct PromptPiece: Sendable, Equatable {
    /// The words.
    public let text: String
    /// True if the names of control tokens in them mean those tokens.
    public let isTrusted: Bool

    /// A part of a text.
    public init(_ text: String, isTrusted: Bool) { (self.text, self.isTrusted) = (text, isTrusted) }
}

/// The parts of a text in which control tokens may stand.
struct PromptTrust {
    private let control: ControlTokens
    private let bytes: TrustedRanges
    private let scalars: TrustedRanges

    init(_ pieces: [PromptPiece], _ control: ControlTokens) {
        self.control = control
        bytes = TrustedRanges(pieces) { $0.utf8.count }
        scalars = TrustedRanges(pieces) { $0.unicodeScalars.count }
    }

    /// Tells whether a token may stand at a range of the text, in bytes of UTF-8.
    func allows(_ id: Int32, atBytes range: Range<Int>) -> Bool {
        !control.ids.contains(id) || bytes.contains(range)
    }

    /// Tells whether a token may stand at a range of the text, in scalars.
    func allows(_ id: Int32, at range: @autoclosure () -> Range<Int>) -> Bool {
        !control.ids.contains(id) || scalars.contains(range())
    }
}

/// Ranges of places: ascending, and not touching each other.
private struct TrustedRanges {
    private var ranges: [Range<Int>] = []

    /// - Parameter length: the places of a piece's text
    init(_ pieces: [PromptPiece], _ length: (String) -> Int) {
        var start = 0
        for piece in pieces {
            let end = start + length(piece.text)
            if piece.isTrusted, start < end {
                if let last = ranges.last, last.upperBound == start {
                    ranges[ranges.count - 1] = last.lowerBound..<end
                } else {
                    ranges.append(start..<end)
                }
            }
            start = end
        }
    }

    /// Tells whether one of them holds all places of a range. An empty one has none that anybody could mistrust.
    func contains(_ range: Range<Int>) -> Bool {
        if range.isEmpty { return true }
        // The last that does not begin behind the range.
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].lowerBound <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low > 0 && ranges[low - 1].upperBound >= range.upperBound
    }
}
