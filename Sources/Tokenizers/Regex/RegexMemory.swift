/// The memory of a ``RegexMatcher`` for instructions at places of a text.
struct RegexMemory {
    enum Visit {
        /// It was not there before.
        case new
        /// It was there, and that led to no match of its part.
        case failed
        /// It was there, and its part matched up to here.
        case matched(Int)
    }

    private let count: Int
    private var visited: [UInt64]
    /// The places that are visited on the current way, oldest first.
    private(set) var trail: [Int] = []
    /// The ends of parts that have matched.
    private var ends: [Int: Int] = [:]
    /// The last span of each instruction that consumes one possessively.
    private var spans: [Int32: Range<Int>] = [:]

    /// - Parameters:
    ///   - instructions: how many of them are remembered.
    ///   - count: the length of the text.
    init(instructions: Int, count: Int) {
        self.count = count
        visited = Array(repeating: 0, count: (instructions * (count + 1)) / 64 + 1)
    }

    mutating func visit(_ instruction: Int32, _ position: Int) -> Visit {
        let key = Int(instruction) * (count + 1) + position
        let bit: UInt64 = 1 << UInt64(key & 63)
        if visited[key >> 6] & bit != 0 { return ends[key].map { .matched($0) } ?? .failed }
        visited[key >> 6] |= bit
        trail.append(key)
        return .new
    }

    /// Takes back the way to its first `length` steps: the others have failed.
    mutating func forget(from length: Int) { trail.removeLast(max(trail.count - length, 0)) }

    /// Notes that the way from `start` on led to a match.
    ///
    /// - Parameter isWhole: whether of the whole expression, which the next search has to find anew.
    mutating func finish(from start: Int, end: Int, isWhole: Bool) {
        for key in trail[min(start, trail.count)...] {
            if isWhole { visited[key >> 6] &= ~(1 << UInt64(key & 63)) } else { ends[key] = end }
        }
        forget(from: start)
    }

    /// The end of the span of `instruction` that `position` is known to lie in.
    func endOfSpan(_ instruction: Int32, around position: Int) -> Int? {
        guard let span = spans[instruction], position >= span.lowerBound, position <= span.upperBound else {
            return nil
        }
        return span.upperBound
    }

    mutating func remember(_ instruction: Int32, span: Range<Int>) { spans[instruction] = span }
}
