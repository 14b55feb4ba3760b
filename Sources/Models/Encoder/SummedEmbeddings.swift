import PenstockCompute

/// projection(norm(word[id] + type[segment] + position[place])): what a token is before the first layer. Types,
/// positions and the projection may be missing.
struct SummedEmbeddings: Sendable {
    let word: WordTable  // [V, E]
    var tokenType: Embedding?
    var position: Embedding?
    var positions = PositionRule.fromZero
    let norm: LayerNorm
    /// `[H, E]`; nil where an embedding is a hidden state.
    var projection: Linear?
    /// The tokens of the longest sequence.
    let longestSequence: Int

    func forward(_ batch: PackedBatch, on cpu: CPU, _ buffers: EncoderBuffers) {
        cpu.forEachBlock(of: batch.tokens, SummedRows(embeddings: self, batch: batch, buffers: buffers))
    }

    private struct SummedRows: RowsJob {
        let embeddings: SummedEmbeddings
        let batch: PackedBatch
        let buffers: EncoderBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let hidden = buffers.hidden.rows(rows)
            let sum = cpu.local(buffers.embedded, rows: rows.count)
            embeddings.word.write(batch.ids[rows], into: sum, on: cpu)
            if let tokenType = embeddings.tokenType {
                cpu.embed(batch.typeIDs[rows], tokenType, adding: true, into: sum)
            }
            if let position = embeddings.position {
                cpu.embed(batch.positions[rows], position, adding: true, into: sum)
            }
            guard let projection = embeddings.projection else {
                return cpu.layerNorm(sum, embeddings.norm, into: hidden)
            }
            cpu.layerNorm(sum, embeddings.norm, into: sum)
            cpu.linear(sum, projection, into: hidden)
        }
    }
}
