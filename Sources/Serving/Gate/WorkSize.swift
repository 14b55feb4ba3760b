/// What work costs, in the terms of the cost model. Sums over sequences are whole numbers and exact up to 2^53: what is
/// added and taken away again leaves nothing behind.
package struct WorkSize: Sendable, Equatable, AdditiveArithmetic {
    /// Tokens of all sequences.
    package var tokens: Double
    /// The sum of the squared lengths of the sequences, for attention.
    package var squares: Double

    /// No work.
    package static let zero = WorkSize(tokens: 0, squares: 0)

    package init(tokens: Double, squares: Double) {
        self.tokens = tokens
        self.squares = squares
    }

    /// Sequences of these lengths.
    package init(lengths: some Sequence<Int>) {
        self = .zero
        for length in lengths { self += WorkSize(length: length) }
    }

    /// One sequence.
    package init(length: Int) { self.init(tokens: Double(length), squares: Double(length) * Double(length)) }

    /// Work together.
    package static func + (a: WorkSize, b: WorkSize) -> WorkSize {
        WorkSize(tokens: a.tokens + b.tokens, squares: a.squares + b.squares)
    }

    /// Work without a part of it.
    package static func - (all: WorkSize, part: WorkSize) -> WorkSize {
        WorkSize(tokens: all.tokens - part.tokens, squares: all.squares - part.squares)
    }
}
