/// A part of a request that is computed at one time: some tokens of one of its sequences.
///
/// An encoder's request is one slice for each sequence. One that generates has many for each, of which one at a time waits.
package struct Slice: Sendable, Equatable {
    /// The sequence within the request.
    package let sequence: Int
    /// The tokens of the sequence.
    package let tokens: Range<Int>
    /// The work of computing them.
    package let work: WorkSize

    package init(sequence: Int, tokens: Range<Int>, work: WorkSize) {
        (self.sequence, self.tokens, self.work) = (sequence, tokens, work)
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
