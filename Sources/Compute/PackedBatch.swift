/// A rule that numbers the tokens of a sequence for a table of positions.
package struct PositionRule: Sendable {
    /// The number of the first token.
    package let first: Int32
    /// A token that has the number before the first wherever it stands, and does not count; below 0 for none.
    fileprivate let padding: Int32

    /// 0, 1, 2, ….
    package static let fromZero = PositionRule(first: 0, padding: -1)

    /// Numbers that start behind the padding token's id, which that token itself has.
    package static func behindPadding(_ id: Int32) -> PositionRule { PositionRule(first: id + 1, padding: id) }
}

/// Sequences end to end, without padding: what one forward pass computes.
///
/// Filled, run and emptied again, it allocates only when a batch is larger than all before it.
package struct PackedBatch {
    /// Token ids of all sequences, one sequence after the other: `[tokens]`.
    package private(set) var ids: [Int32] = []
    /// The segment of each token: `[tokens]`.
    package private(set) var typeIDs: [Int32] = []
    /// The place of each token in its sequence, as the rule numbers it: `[tokens]`.
    package private(set) var positions: [Int32] = []
    /// The starts of the sequences, and at the end the number of tokens: `[sequences + 1]`.
    package private(set) var offsets: [Int] = [0]

    private let rule: PositionRule

    /// An empty batch.
    package init(positions rule: PositionRule) { self.rule = rule }

    /// The number of tokens of all sequences.
    package var tokens: Int { ids.count }
    /// The number of sequences.
    package var sequences: Int { offsets.count - 1 }
    /// The tokens of the longest sequence.
    package private(set) var longest = 0
    /// The token range of a sequence.
    package func range(of sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }

    /// Lends the sequences in groups, one after the other: as many neighbours as have at most `tokens` tokens together,
    /// but at least one.
    ///
    /// - Parameter body: is lent the group's tokens, and where its sequences start and the last one ends.
    package func forEachGroup(of tokens: Int, _ body: (_ tokens: Range<Int>, _ offsets: ArraySlice<Int>) -> Void) {
        var first = 0
        while first < sequences {
            var end = first + 1
            while end < sequences, offsets[end + 1] - offsets[first] <= tokens { end += 1 }
            body(offsets[first]..<offsets[end], offsets[first...end])
            first = end
        }
    }

    /// Adds a sequence at the end.
    ///
    /// - Precondition: both arrays have the same length, at least 1.
    package mutating func append(ids: [Int32], typeIDs: [Int32]) {
        precondition(!ids.isEmpty && ids.count == typeIDs.count)
        self.ids.append(contentsOf: ids)
        self.typeIDs.append(contentsOf: typeIDs)
        var next = rule.first
        for id in ids {
            positions.append(id == rule.padding ? rule.first - 1 : next)
            if id != rule.padding { next += 1 }
        }
        offsets.append(self.ids.count)
        longest = max(longest, ids.count)
    }

    /// Takes out all sequences, keeping the memory.
    package mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        typeIDs.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        offsets.append(0)
        longest = 0
    }
}
