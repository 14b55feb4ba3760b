import PenstockCheckpoints
import PenstockCompute

/// A readout that a pipeline takes of a model; a model has a head for each readout that it is loaded for.
package enum Readout: String, Sendable, Hashable, CaseIterable {
    /// The last hidden state of each row: `[rows, hidden_size]`.
    case hiddenStates = "hidden states"
    /// The output of the pooler for a sequence: `[sequences, hidden_size]`.
    case pooled
    /// The masked-language-model head: a logit for each token of the vocabulary, `[rows, vocab_size]`.
    case vocabularyLogits = "vocabulary logits"
    /// The head of a model that generates: a logit for each token that may come next, `[rows, vocab_size]`.
    case nextTokenLogits = "logits of the next token"
    /// The sequence-classification head: `[sequences, labels]`.
    case sequenceLogits = "sequence logits"
    /// The token-classification head: `[rows, labels]`.
    case tokenLogits = "token logits"
    /// The question-answering head: of each row how well an answer begins and ends there, `[rows, 2]`.
    case spanLogits = "span logits"

    /// True if it is read of sequences as a whole, not of tokens.
    package var isOfSequences: Bool { self == .pooled || self == .sequenceLogits || self == .nextTokenLogits }
}

/// The limits of what a model takes.
package struct ModelLimits: Sendable {
    /// Tokens of the longest sequence.
    package let tokens: Int
    /// The same if it follows from the positions of the model alone; nil if whoever loads it sets a length, or it has none
    /// of its own.
    package let positions: Int?
    /// Token ids are below this.
    package let vocabularySize: Int
    /// Segment ids are below this.
    package let typeVocabularySize: Int
    /// Numbers of a hidden state.
    package let hiddenSize: Int

    package init(
        tokens: Int, positions: Int? = nil, vocabularySize: Int, typeVocabularySize: Int, hiddenSize: Int
    ) {
        self.tokens = tokens
        self.positions = positions
        self.vocabularySize = vocabularySize
        self.typeVocabularySize = typeVocabularySize
        self.hiddenSize = hiddenSize
    }
}

/// The cost of a forward pass, whatever computes it.
package struct ModelCost: Sendable, Equatable {
    /// The bytes of all weights that each pass reads.
    package let weightBytes: Int
    /// Multiplications and additions for each token.
    package let operationsPerToken: Int
    /// Multiplications and additions for each pair of tokens of a sequence, in layers that see all of them.
    package let operationsPerPair: Int
    /// Multiplications and additions for each pair of tokens that see each other, in layers that see some of them.
    package let operationsPerSeenPair: Int
    /// The tokens that queries of those layers see.
    package let window: Visibility

    package init(
        weightBytes: Int, operationsPerToken: Int, operationsPerPair: Int, operationsPerSeenPair: Int = 0,
        window: Visibility = .everything
    ) {
        self.weightBytes = weightBytes
        self.operationsPerToken = operationsPerToken
        self.operationsPerPair = operationsPerPair
        self.operationsPerSeenPair = operationsPerSeenPair
        self.window = window
    }

    /// Multiplications and additions of a pass over sequences of these lengths.
    package func operations(lengths: [Int]) -> Int {
        lengths.reduce(0) {
            $0 + $1 * operationsPerToken + $1 * $1 * operationsPerPair + window.pairs(of: $1) * operationsPerSeenPair
        }
    }
}

/// A checkpoint's weights and the forward pass over them.
package protocol Model: Sendable {
    /// The limits that its inputs have to keep to. ``forward(_:on:in:isWanted:body:)`` relies on it.
    var limits: ModelLimits { get }

    /// The rule by which its table of positions counts tokens.
    var positions: PositionRule { get }

    /// The readouts that it has, and the numbers that a head makes for each row of it; 0 if there is no head.
    var widths: [Readout: Int] { get }

    /// The cost of a forward pass, up to the head.
    var cost: ModelCost { get }

    /// The token of a sequence whose row stands for all of it.
    ///
    /// - Parameters:
    ///   - ids: the tokens of the sequence, at least one
    ///   - readout: what is read of that row
    func sequenceRow(of ids: [Int32], for readout: Readout) -> Int

    /// Tells whether a readout of a sequence as a whole is made of the mean of its hidden states, and not of that row.
    func readsMean(_ readout: Readout) -> Bool

    /// Takes the memory of a forward pass of at most `tokens` tokens out of a workspace.
    func layOut(tokens: Int, on cpu: CPU, in workspace: Workspace)

    /// Runs a batch and lends the rows that were asked for.
    ///
    /// - Parameters:
    ///   - batch: inputs within ``limits``, of readouts that the model is loaded for
    ///   - cpu: what computes
    ///   - workspace: of at least ``workspaceBytes(tokens:on:)`` for the tokens of the batch
    ///   - isWanted: asked between layers and between blocks of rows that are read whether anybody still wants the result; if
    ///     not, the pass ends
    ///   - body: is lent what is read out of `batch.rows[range]` as `[range.count, width]`, range after range until all are
    ///     read; a range has rows of one readout
    /// - Returns: whether the pass was done to its end.
    /// - Throws: what goes wrong with the batch as a whole.
    func forward(
        _ batch: ModelBatch, on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (_ range: Range<Int>, _ readout: Matrix) -> Void
    ) throws -> Bool
}

extension Model {
    /// The readouts that it has.
    package var readouts: Set<Readout> { Set(widths.keys) }

    package var positions: PositionRule { .fromZero }

    package func sequenceRow(of ids: [Int32], for readout: Readout) -> Int { 0 }

    package func readsMean(_ readout: Readout) -> Bool { false }

    /// The memory that a forward pass of at most `tokens` tokens works in.
    ///
    /// - Throws: ``ResourceError`` if there is not as much memory.
    package func workspace(tokens: Int, on cpu: CPU) throws(ResourceError) -> Workspace {
        try Workspace { layOut(tokens: tokens, on: cpu, in: $0) }
    }

    /// The bytes that ``workspace(tokens:on:)`` takes.
    package func workspaceBytes(tokens: Int, on cpu: CPU) -> Int {
        Workspace.bytes { layOut(tokens: tokens, on: cpu, in: $0) }
    }

    /// Tokens that pass a layer at one time, if no sequence has more: enough that a layer's weights are worth fetching,
    /// few enough that what passes between its steps stays in a cache.
    package static var groupTokens: Int { 1024 }
}
