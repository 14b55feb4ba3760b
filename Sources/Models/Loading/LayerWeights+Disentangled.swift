import PenstockCheckpoints
import PenstockCompute

/// A table of the distances of a family's tokens, and how they are looked up in it.
struct RelativePositions: Sendable {
    /// `[2·span, hidden size]`
    let embeddings: [Float]
    let norm: LayerNorm?
    let span: Int
    let buckets: SignedBuckets
    /// Tokens of the longest sequence.
    let longest: Int
}

extension LayerWeights {
    /// The table of a layer, with position keys and position queries that these layers make of the embeddings.
    ///
    /// They are computed in float32, whatever the target's precision: once, and for all inputs.
    ///
    /// - Parameters:
    ///   - keys, queries: names of layers of as many outputs as inputs; nil for a table without
    func disentangledTable(
        _ positions: RelativePositions, keys: String?, queries: String?, shape: AttentionShape
    ) throws(CheckpointError) -> DisentangledTable {
        let size = shape.heads * shape.headSize
        let longest = min(positions.longest, target.longestInput ?? .max)
        let precision = target.activations.attention
        if let plan = target.plan {
            for name in [keys, queries].compactMap(\.self) {
                _ = try weights[name].tensor("weight", shape: [size, size])
                _ = try weights[name].tensor("bias", shape: [size])
            }
            let table = DisentangledTable(
                planned: positions.span, shape: shape, precision: precision, hasKeys: keys != nil,
                hasQueries: queries != nil, longest: longest)
            plan.add(table.bytes)
            return table
        }
        func layer(_ name: String) throws(CheckpointError) -> Linear {
            try linear(name, inputs: size, outputs: size, format: .numbers(.float32))
        }
        let source = DisentangledTable.Source(
            embeddings: positions.embeddings, norm: positions.norm, keys: try keys.map(layer),
            queries: try queries.map(layer))
        return try loading(try weights.tensor("\(keys ?? queries ?? "").weight", shape: [size, size])) {
            try DisentangledTable(
                source, shape: shape, precision: precision, span: positions.span, buckets: positions.buckets,
                longest: longest, in: target.turns)
        }
    }
}
