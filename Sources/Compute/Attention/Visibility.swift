/// The keys that a query sees: those of its own position, of some before it and of some behind it.
package struct Visibility: Sendable, Equatable {
    /// The most keys before the query.
    package let before: Int
    /// The most keys behind the query.
    package let behind: Int

    private init(before: Int, behind: Int) {
        precondition(before >= 0 && behind >= 0)
        (self.before, self.behind) = (before, behind)
    }

    /// All keys.
    package static let everything = Visibility(before: .max, behind: .max)

    /// The keys up to the query's own, as in a model that generates.
    package static let past = Visibility(before: .max, behind: 0)

    /// True if queries see no keys behind them.
    package var isCausal: Bool { behind == 0 }

    /// The keys around the query: its own, `before` keys before it and `behind` keys behind it.
    package static func window(before: Int, behind: Int) -> Visibility { Visibility(before: before, behind: behind) }

    /// The positions that a query sees out of a range of positions of keys.
    ///
    /// - Precondition: it sees at least one.
    func keys(seenFrom query: Int, of keys: Range<Int>) -> Range<Int> {
        // Said so that the largest integer does not overflow.
        let first = before < query - keys.lowerBound ? query - before : keys.lowerBound
        let last = behind < keys.upperBound - 1 - query ? query + behind : keys.upperBound - 1
        return first..<last + 1
    }

    /// The pairs of a query and a key that it sees, of a sequence of so many tokens.
    package func pairs(of length: Int) -> Int {
        // The keys on one side: 0, 1, 2, … until there are as many as are seen.
        func side(_ most: Int) -> Int {
            let growing = min(most, length - 1)
            return growing * (growing + 1) / 2 + growing * (length - 1 - growing)
        }
        return length > 0 ? length + side(before) + side(behind) : 0
    }
}
