import PenstockCompute

/// One sequence to run through a model, and what to read out of it.
package struct ModelInput: Sendable {
    /// The part of a sequence that is read.
    package enum Part: Sendable, Equatable {
        /// Every token.
        case tokens
        /// Some tokens, ascending.
        case someTokens([Int])
        /// The sequence as a whole.
        case sequence
    }

    /// Token ids, `[tokens]`.
    package let ids: [Int32]
    /// The segment of each token, `[tokens]`.
    package let typeIDs: [Int32]
    /// The part that is read of it.
    package let part: Part
    /// Through which head.
    package let readout: Readout

    /// The number of rows that are read.
    package var rows: Int {
        switch part {
        case .tokens: ids.count
        case .someTokens(let tokens): tokens.count
        case .sequence: 1
        }
    }

    /// - Precondition: both arrays have the same length, at least 1, and the tokens to read are tokens of it.
    package init(ids: [Int32], typeIDs: [Int32], reading readout: Readout, of part: Part = .tokens) {
        precondition(!ids.isEmpty && ids.count == typeIDs.count)
        if case .someTokens(let tokens) = part { precondition(tokens.allSatisfy(ids.indices.contains)) }
        self.ids = ids
        self.typeIDs = typeIDs
        self.part = part
        self.readout = readout
    }
}

/// Sequences to run together, and the rows to read out of them.
///
/// Filled, run and emptied again, it allocates only when a batch is larger than all before it.
package struct ModelBatch {
    /// The tokens.
    package private(set) var packed: PackedBatch
    /// The rows of the whole batch that are read out, ascending.
    package private(set) var rows: [Int] = []
    /// The ends of the rows of each sequence in ``rows``: `[sequences]`.
    package private(set) var rowEnds: [Int] = []
    /// Rows that are read out through one head, and where they end in ``rows``.
    private var runs: [(readout: Readout, end: Int)] = []
    /// The sequences that are read as the mean of their tokens: which of ``rows`` stands for each, and its tokens.
    package private(set) var means: [(row: Int, tokens: Range<Int>)] = []
    private let sequenceRow: @Sendable ([Int32], Readout) -> Int
    private let readsMean: @Sendable (Readout) -> Bool

    /// An empty batch for a model.
    package init(for model: any Model) {
        packed = PackedBatch(positions: model.positions)
        sequenceRow = { model.sequenceRow(of: $0, for: $1) }
        readsMean = { model.readsMean($0) }
    }

    /// Adds a sequence at the end.
    package mutating func append(_ input: ModelInput) {
        let start = packed.tokens
        packed.append(ids: input.ids, typeIDs: input.typeIDs)
        switch input.part {
        case .tokens: rows.append(contentsOf: start..<packed.tokens)
        case .someTokens(let tokens): for token in tokens { rows.append(start + token) }
        case .sequence where readsMean(input.readout):
            means.append((rows.count, start..<packed.tokens))
            rows.append(start)
        case .sequence: rows.append(start + sequenceRow(input.ids, input.readout))
        }
        rowEnds.append(rows.count)
        if runs.last?.readout == input.readout { runs.removeLast() }
        runs.append((input.readout, rows.count))
    }

    /// Takes out all sequences, keeping the memory.
    package mutating func removeAll() {
        packed.removeAll()
        rows.removeAll(keepingCapacity: true)
        rowEnds.removeAll(keepingCapacity: true)
        means.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
    }

    /// Lends ranges of ``rows`` that are read out through the same head, in their order.
    package func forEachRun(_ body: (Readout, Range<Int>) -> Void) {
        var start = 0
        for run in runs where start < run.end {
            body(run.readout, start..<run.end)
            start = run.end
        }
    }
}
