import PenstockCheckpoints
import PenstockCompute

/// A vector for each token whatever stands beside it: a table, and no layers.
///
/// `StaticEmbedding` of `sentence_transformers`, and the models of `model2vec`, whose tokens may share rows (`mapping`) and
/// have factors (`weights`). Its hidden states are those vectors.
package final class StaticEmbeddingModel: Model {
    private let table: TokenTable

    package let limits: ModelLimits
    package let widths: [Readout: Int] = [.hiddenStates: 0]
    package let cost = ModelCost(weightBytes: 0, operationsPerToken: 0, operationsPerPair: 0)

    /// Tokens of the longest input, if nobody says so: no layer bounds them.
    private static let longestInput = 1 << 16

    /// Loads the table.
    ///
    /// - Throws: an error that says so for readouts other than hidden states.
    package init(
        _ weights: Weights, readouts: Set<Readout>, for target: LoadTarget
    ) throws(CheckpointError) {
        let layers = LayerWeights(weights, for: target)
        if let readout = readouts.first(where: { $0 != .hiddenStates }) {
            throw layers.hasNoHead(readout.rawValue)
        }
        (table, limits) = try Self.table(layers)
    }

    private static func table(_ layers: LayerWeights) throws(CheckpointError) -> (TokenTable, ModelLimits) {
        let isOwnLayout = layers.has("embedding.weight")
        let name = isOwnLayout ? "embedding.weight" : "embeddings"
        let shape = layers.shape(of: name) ?? []
        guard shape.count == 2, shape[0] > 0, shape[1] > 0, shape[0] < Int32.max else {
            throw layers.unfit(
                name, shape.isEmpty ? "is missing, a table with a row for each token" : "of shape \(shape) is no table")
        }
        let rows = try layers.embedding(name, count: shape[0], size: shape[1])
        var (count, mapping, factors) = (shape[0], [Int32]?.none, [Float]?.none)
        if !isOwnLayout {
            if let shape = layers.shape(of: "mapping") {
                count = shape.first ?? 0
                mapping = try layers.indices("mapping", count: count, below: shape[0])
            }
            if layers.has("weights") { factors = try layers.vector("weights", count: count) }
        }
        guard count > 0, count < Int32.max else { throw layers.unfit("mapping", "has no tokens") }
        return (
            TokenTable(rows, rows: mapping, factors: factors),
            ModelLimits(
                tokens: layers.target.longestInput ?? longestInput, vocabularySize: count,
                // Segments have no effect.
                typeVocabularySize: Int(Int32.max), hiddenSize: shape[1])
        )
    }

    /// The id of no token, whose vector is 0: a text without tokens is a sequence of it.
    package static func noToken(_ limits: ModelLimits) -> Int32 { Int32(limits.vocabularySize) }

    package func layOut(tokens: Int, on cpu: CPU, in workspace: Workspace) { _ = block(workspace) }

    private func block(_ workspace: Workspace) -> Matrix {
        workspace.matrix(rows: Self.groupTokens, columns: limits.hiddenSize)
    }

    package func forward(
        _ batch: ModelBatch, on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (Range<Int>, Matrix) -> Void
    ) -> Bool {
        workspace.reset()
        let block = block(workspace)
        for start in stride(from: 0, to: batch.rows.count, by: block.rows) {
            guard isWanted() else { return false }
            let range = start..<min(start + block.rows, batch.rows.count)
            let vectors = block.rows(0..<range.count)
            cpu.forEachBlock(
                of: range.count,
                Lookup(tokens: batch.rows[range], ids: batch.packed.ids, table: table, vectors: vectors))
            body(range, vectors)
        }
        return true
    }

    private struct Lookup: RowsJob {
        let tokens: ArraySlice<Int>
        let ids: [Int32]
        let table: TokenTable
        let vectors: Matrix

        func run(_ rows: Range<Int>, on cpu: CPU) {
            for row in rows {
                let token = tokens[tokens.startIndex + row]
                cpu.embed(ids[token...token], table, into: vectors.rows(row..<row + 1))
            }
        }
    }
}
