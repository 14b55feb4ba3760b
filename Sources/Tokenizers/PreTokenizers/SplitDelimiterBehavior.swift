/// What becomes of the delimiters at which a text is split.
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

    /// Calls `emit` with the pieces of `range`.
    ///
    /// - Parameter delimiters: where they are: ascending, within `range`, not empty, without overlap.
    func apply(_ delimiters: [Range<Int>], in range: Range<Int>, _ emit: (Range<Int>) -> Void) {
        switch self {
        case .removed, .isolated:
            var end = range.lowerBound
            for delimiter in delimiters {
                if end < delimiter.lowerBound { emit(end..<delimiter.lowerBound) }
                if self == .isolated { emit(delimiter) }
                end = delimiter.upperBound
            }
            if end < range.upperBound { emit(end..<range.upperBound) }
        case .mergedWithPrevious: Self.merge(Self.alternate(delimiters, in: range), onto: \.previous, emit)
        case .mergedWithNext: Self.merge(Self.alternate(delimiters, in: range), onto: \.next, emit)
        case .contiguous: Self.merge(Self.alternate(delimiters, in: range), onto: \.alike, emit)
        }
    }

    /// Two neighbours: which of them are delimiters, and by which rules the second joins the first.
    private struct Neighbours {
        var first: Bool
        var second: Bool
        /// A delimiter joins the text before it, but a delimiter does not join another.
        var previous: Bool { !first && second }
        /// Text joins the delimiter before it, which no text or delimiter has joined.
        var next: Bool { first && !second }
        /// Like joins like.
        var alike: Bool { first == second }
    }

    /// The delimiters and what stands between them.
    private static func alternate(
        _ delimiters: [Range<Int>], in range: Range<Int>
    ) -> [(range: Range<Int>, isDelimiter: Bool)] {
        var all: [(range: Range<Int>, isDelimiter: Bool)] = []
        var end = range.lowerBound
        for delimiter in delimiters {
            if end < delimiter.lowerBound { all.append((end..<delimiter.lowerBound, false)) }
            all.append((delimiter, true))
            end = delimiter.upperBound
        }
        if end < range.upperBound { all.append((end..<range.upperBound, false)) }
        return all
    }

    private static func merge(
        _ all: [(range: Range<Int>, isDelimiter: Bool)], onto joins: KeyPath<Neighbours, Bool>,
        _ emit: (Range<Int>) -> Void
    ) {
        guard var current = all.first else { return }
        for part in all.dropFirst() {
            if Neighbours(first: current.isDelimiter, second: part.isDelimiter)[keyPath: joins] {
                current = (current.range.lowerBound..<part.range.upperBound, part.isDelimiter)
            } else {
                emit(current.range)
                current = part
            }
        }
        emit(current.range)
    }
}
