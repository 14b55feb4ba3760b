import PenstockCompute

/// norm(scale·projection(word[id]) + position[place]): what a token is before the first layer. All but words may be
/// missing.
struct DecoderEmbeddings: Sendable {
    let words: WordTable  // [V, E]
    /// `[H, E]`
    var projection: Linear?
    /// The factor of words.
    var scale: Float = 1
    var position: Embedding?
    /// The row of the first position in its table.
    var firstPosition: Int32 = 0
    var norm: NormLayer?

    func forward(_ step: DecoderStep, on cpu: CPU, _ buffers: DecoderBuffers) {
        cpu.forEachBlock(
            of: step.tokens, EmbeddingRows(embeddings: self, step: step, buffers: buffers))
    }

    private struct EmbeddingRows: RowsJob {
        let embeddings: DecoderEmbeddings
        let step: DecoderStep
        let buffers: DecoderBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let hidden = buffers.hidden.rows(rows)
            if let projection = embeddings.projection {
                let embedded = cpu.local(buffers.embedded, rows: rows.count)
                embeddings.words.write(step.ids[rows], into: embedded, on: cpu)
                cpu.linear(embedded, projection, into: hidden)
            } else {
                embeddings.words.write(step.ids[rows], into: hidden, on: cpu)
            }
            if embeddings.scale != 1 { cpu.multiply(hidden, by: embeddings.scale) }
            if let position = embeddings.position {
                cpu.embed(
                    step.batch.positions[rows], position, from: embeddings.firstPosition, adding: true, into: hidden)
            }
            if let norm = embeddings.norm { cpu.normalise(hidden, norm, into: hidden) }
        }
    }
}
