/// A rule for the delimiters at which a text is split.
enum SplitDelimiterBehavior: String, CaseIterable, Sendable {
    /// They are dropped.
    case removed = "Removed"
    /// Each is a piece.
    case isolated = "Isolated"
    /// Each ends the piece before it.
    case mergedWithPrevious = "MergedWithPrevious"
    /// Each begins the piece after it.
    case mergedWithNext = "MergedWithNext"
    /// Each run of them is a piece.
    case contiguous = "Contiguous"

    /// Tells whether the second of two neighbours joins the first.
    @inline(__always)
    fileprivate func joins(isDelimiter first: Bool, _ second: Bool) -> Bool {
        switch self {
        case .removed, .isolated: false
        // A delimiter joins the text before it, but a delimiter does not join another.
        case .mergedWithPrevious: !first && second
        // Text joins the delimiter before it, which no text or delimiter has joined.
        case .mergedWithNext: first && !second
        case .contiguous: first == second
        }
    }
}

/// Turns the matches of a pattern, which come one by one, into the pieces of a text.
struct DelimiterSplitter {
    private let behavior: SplitDelimiterBehavior
    /// True if the matches are the words, and what stands between them the delimiters.
    private let invert: Bool
    /// The end of what is done.
    private var end = 0
    /// A piece that may still grow; nothing at first.
    private var current: (range: Range<Int>, isDelimiter: Bool)?

    init(_ behavior: SplitDelimiterBehavior, invert: Bool) { (self.behavior, self.invert) = (behavior, invert) }

    /// Takes the next match, and gives `emit` the pieces that are complete.
    @inline(__always)
    mutating func append(match: Range<Int>, _ emit: (Range<Int>) -> Void) {
        if end < match.lowerBound { append(end..<match.lowerBound, isDelimiter: invert, emit) }
        append(match, isDelimiter: !invert, emit)
        end = match.upperBound
    }

    /// Gives `emit` the last pieces of a text of `count` bytes.
    @inline(__always)
    mutating func finish(_ count: Int, _ emit: (Range<Int>) -> Void) {
        if end < count { append(end..<count, isDelimiter: invert, emit) }
        if let current { emit(current.range) }
    }

    @inline(__always)
    private mutating func append(_ range: Range<Int>, isDelimiter: Bool, _ emit: (Range<Int>) -> Void) {
        switch behavior {
        case .isolated: emit(range)
        case .removed: if !isDelimiter { emit(range) }
        default:
            if let last = current {
                if behavior.joins(isDelimiter: last.isDelimiter, isDelimiter) {
                    current = (last.range.lowerBound..<range.upperBound, isDelimiter)
                    return
                }
                emit(last.range)
            }
            current = (range, isDelimiter)
        }
    }
}
