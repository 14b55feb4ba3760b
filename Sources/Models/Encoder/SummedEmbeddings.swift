import PenstockCompute

/// norm(word[id] + type[segment] + position[place]): what a token is before the first layer.
struct SummedEmbeddings: Sendable {
    let word: Embedding  // [V, H]
    let tokenType: Embedding?
    let position: Embedding
    let positions: PositionRule
    let norm: LayerNorm

    /// The tokens for which the table of positions suffices.
    var longestSequence: Int { position.count - Int(positions.first) }

    func forward(_ batch: PackedBatch, on cpu: CPU, _ buffers: EncoderBuffers) {
        cpu.forEachBlock(of: batch.tokens, SummedRows(embeddings: self, batch: batch, buffers: buffers))
    }

    private struct SummedRows: RowsJob {
        let embeddings: SummedEmbeddings
        let batch: PackedBatch
        let buffers: EncoderBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let sum = cpu.local(buffers.sum, rows: rows.count)
            cpu.embed(batch.ids[rows], embeddings.word, into: sum)
            if let tokenType = embeddings.tokenType {
                cpu.embed(batch.typeIDs[rows], tokenType, adding: true, into: sum)
            }
            cpu.embed(batch.positions[rows], embeddings.position, adding: true, into: sum)
            cpu.layerNorm(sum, embeddings.norm, into: buffers.hidden.rows(rows))
        }
    }
}
