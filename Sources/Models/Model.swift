import PenstockCheckpoints
import PenstockCompute

/// What a pipeline reads out of a model; the model is loaded with the head for it and no other.
package enum Readout: Sendable {
    /// The last hidden state of each row: `[rows, hidden_size]`.
    case hiddenStates
    /// What the pooler makes of a sequence's first token, asked for as row 0: `[rows, hidden_size]`.
    case pooled
    /// The masked-language-model head: a logit for each token of the vocabulary, `[rows, vocab_size]`.
    case tokenLogits
}

/// One sequence to run through a model.
package struct ModelInput: Sendable {
    /// Token ids, `[tokens]`.
    package let ids: [Int32]
    /// The segment of each token, `[tokens]`.
    package let typeIDs: [Int32]
    /// The rows to read out, ascending; nil for all.
    package let rows: [Int]?

    /// - Precondition: both arrays have the same length, at least 1, and the rows are tokens of it.
    package init(ids: [Int32], typeIDs: [Int32], rows: [Int]? = nil) {
        precondition(!ids.isEmpty && ids.count == typeIDs.count)
        precondition(rows?.allSatisfy(ids.indices.contains) ?? true)
        self.ids = ids
        self.typeIDs = typeIDs
        self.rows = rows
    }
}

/// What a model can take.
package struct ModelLimits: Sendable {
    /// Tokens of the longest sequence.
    package let tokens: Int
    /// Token ids are below this.
    package let vocabularySize: Int
    /// Segment ids are below this.
    package let typeVocabularySize: Int
}

/// A checkpoint's weights and the forward pass over them.
package protocol Model: Sendable {
    /// What its inputs have to keep to. ``forward(_:rows:on:buffers:body:)`` relies on it.
    var limits: ModelLimits { get }

    /// The memory that a forward pass of at most `tokens` tokens works in.
    func workspace(tokens: Int, on cpu: CPU) -> Workspace

    /// Runs a batch and lends the rows that were asked for.
    ///
    /// - Parameters:
    ///   - batch: inputs within ``limits``
    ///   - rows: the rows of the whole batch to read out, ascending
    ///   - cpu: what computes
    ///   - workspace: as ``workspace(tokens:on:)`` made it, for at least the tokens of the batch
    ///   - body: is lent the readout of `rows[range]` as `[range.count, width]`, range after range until all are read;
    ///     hidden states of consecutive rows come in one range
    func forward(
        _ batch: PackedBatch, rows: [Int], on cpu: CPU, in workspace: Workspace,
        body: (_ range: Range<Int>, _ readout: Matrix) -> Void)
}

extension Model {
    /// Rows that a head computes at one time: enough to fill the kernels, few enough to stay small at a vocabulary's
    /// width.
    static var headRows: Int { 48 }
}

extension [Int] {
    /// The index ranges over which each number is the one before it plus 1.
    var consecutiveRuns: [Range<Int>] {
        var runs: [Range<Int>] = []
        for index in indices {
            if let last = runs.last, self[index] == self[index - 1] + 1 {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }
}
