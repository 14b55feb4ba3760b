/// A part of a request that is computed at one time: some tokens of one of its sequences.
///
/// An encoder's request is one slice for each sequence. One that generates has many for each, of which one at a time
/// waits.
package struct Slice: Sendable, Equatable {
    /// The way of a slice into a batch.
    package enum Kind: Sendable, Equatable {
        /// In its turn, and with all its tokens.
        case whole
        /// The prompt of a sequence that has not begun: in its turn, once there are so many free pages, and with as
        /// many of its first tokens as fit. Who was set back is before those that are new.
        case opening(pages: Int, wasSetBack: Bool)
        /// The rest of a prompt that has begun: with as many of its first tokens as fit.
        case rest
        /// The next token of a sequence that goes on, or of each of its beams: in every step. Behind it there may be
        /// guesses.
        case decode
    }

    /// The sequence within the request.
    package let sequence: Int
    /// The tokens of the sequence.
    package let tokens: Range<Int>
    /// The work of computing them.
    package let work: WorkSize
    /// Its way into a batch.
    package let kind: Kind
    /// The number of its last tokens that are guesses, which may be left out.
    package let guesses: Int
    /// True if logits are made of all of its tokens, also of those of a part of it.
    private let isReadWhole: Bool

    package init(
        sequence: Int, tokens: Range<Int>, work: WorkSize, kind: Kind = .whole, guesses: Int = 0,
        isReadWhole: Bool = false
    ) {
        precondition(guesses >= 0 && guesses < max(1, tokens.count))
        (self.sequence, self.tokens, self.work, self.kind, self.guesses) = (sequence, tokens, work, kind, guesses)
        self.isReadWhole = isReadWhole
    }

    /// Tokens of a sequence that see those before them, of the last of which, or of all, logits are made.
    ///
    /// - Parameter outputs: numbers of all rows of logits
    package init(
        sequence: Int, tokens: Range<Int>, outputs: Int, kind: Kind, guesses: Int = 0, isReadWhole: Bool = false
    ) {
        let (start, end) = (Double(tokens.lowerBound), Double(tokens.upperBound))
        self.init(
            sequence: sequence, tokens: tokens,
            // All pairs of a whole text, as of those whose tokens all see each other, so that the parts add up.
            work: WorkSize(
                tokens: Double(tokens.count), pairs: end * end - start * start, outputs: Double(outputs)),
            kind: kind, guesses: guesses, isReadWhole: isReadWhole)
    }

    /// The first of its tokens, of which no logits are made unless they are all, or it is read as a whole.
    func prefix(_ count: Int) -> Slice {
        guard count < tokens.count else { return self }
        let outputs = isReadWhole ? Int(work.outputs) / tokens.count * count : 0
        return Slice(
            sequence: sequence, tokens: tokens.prefix(count), outputs: outputs, kind: kind, isReadWhole: isReadWhole)
    }

    /// The slice with some of its guesses alone. Of each of its tokens logits are made.
    func guessing(_ count: Int) -> Slice {
        guard count < guesses else { return self }
        let part = tokens.prefix(tokens.count - guesses + count)
        return Slice(
            sequence: sequence, tokens: part, outputs: Int(work.outputs) / tokens.count * part.count, kind: kind,
            guesses: count)
    }

    /// All of a sequence whose tokens see each other.
    ///
    /// - Parameter outputs: numbers that heads make of it
    package init(sequence: Int, length: Int, outputs: Int = 0) {
        self.init(sequence: sequence, tokens: 0..<length, work: WorkSize(length: length, outputs: outputs))
    }
}

/// A slice, and the request that it is of.
package struct BatchItem: Sendable, Equatable {
    /// The request, by the number that the gate gave it.
    package let request: Int
    package let slice: Slice

    package init(request: Int, slice: Slice) { (self.request, self.slice) = (request, slice) }
}
