/// The size of work, in the terms of the cost model. Sums over sequences are whole numbers and exact up to 2^53: what
/// is added and taken away again leaves nothing behind.
package struct WorkSize: Sendable, Equatable, AdditiveArithmetic {
    /// Tokens of all sequences.
    package var tokens: Double
    /// Pairs of a token and one that it sees, for attention.
    package var pairs: Double
    /// Numbers that heads make: the rows that are read times the width of what is read.
    package var outputs: Double

    /// No work.
    package static let zero = WorkSize(tokens: 0, pairs: 0)

    package init(tokens: Double, pairs: Double, outputs: Double = 0) {
        (self.tokens, self.pairs, self.outputs) = (tokens, pairs, outputs)
    }

    /// Sequences of these lengths whose tokens all see each other, of which nothing is read.
    package init(lengths: some Sequence<Int>) {
        self = .zero
        for length in lengths { self += WorkSize(length: length) }
    }

    /// One sequence whose tokens all see each other.
    package init(length: Int, outputs: Int = 0) {
        self.init(
            tokens: Double(length), pairs: Double(length) * Double(length), outputs: Double(outputs))
    }

    /// Work together.
    package static func + (a: WorkSize, b: WorkSize) -> WorkSize {
        WorkSize(tokens: a.tokens + b.tokens, pairs: a.pairs + b.pairs, outputs: a.outputs + b.outputs)
    }

    /// Work without a part of it.
    package static func - (all: WorkSize, part: WorkSize) -> WorkSize {
        WorkSize(tokens: all.tokens - part.tokens, pairs: all.pairs - part.pairs, outputs: all.outputs - part.outputs)
    }

    /// The work, with no less of anything than another one has.
    func atLeast(_ least: WorkSize) -> WorkSize {
        WorkSize(
            tokens: max(tokens, least.tokens), pairs: max(pairs, least.pairs), outputs: max(outputs, least.outputs))
    }

    /// So many times the work.
    package static func * (work: WorkSize, factor: Double) -> WorkSize {
        WorkSize(tokens: work.tokens * factor, pairs: work.pairs * factor, outputs: work.outputs * factor)
    }
}
