import PenstockCheckpoints
import PenstockCompute

/// The forward pass of every encoder: embeddings, layers over groups of tokens, and heads over blocks of rows.
///
/// T is the tokens of a batch, H the hidden size. A family gives what it has of its own: its embeddings, its layers and
/// its heads.
final class EncoderModel: Model {
    private let shape: EncoderShape
    private let precisions: ActivationPrecisions
    private let embeddings: SummedEmbeddings
    private let layers: [any EncoderLayer]
    private let finalNorm: LayerNorm?
    private let heads: [Readout: EncoderHead]

    let limits: ModelLimits
    let cost: ModelCost

    var positions: PositionRule { embeddings.positions }
    var widths: [Readout: Int] { heads.mapValues(\.width) }

    func readsMean(_ readout: Readout) -> Bool { heads[readout]?.readsMean ?? false }

    /// Loads the weights of a family, with a head for each readout.
    init(
        _ family: some EncoderFamily, _ weights: LayerWeights, readouts: Set<Readout>
    ) throws(CheckpointError) {
        let shape = family.shape
        let base = Self.base(family, weights)
        self.shape = shape
        precisions = weights.target.activations
        // Before the embeddings, which may be the weights of a head.
        var heads: [Readout: EncoderHead] = [:]
        for readout in readouts { heads[readout] = try Self.head(readout, of: family, weights) }
        self.heads = heads
        embeddings = try family.embeddings(base, checkpoint: weights)
        layers = try family.layers(base)
        finalNorm = try family.finalNorm(base)
        limits = ModelLimits(
            tokens: min(embeddings.longestSequence, weights.target.longestInput ?? .max),
            positions: weights.target.longestInput == nil ? embeddings.longestSequence : nil,
            vocabularySize: embeddings.word.count,
            // Without a table of segments they have no effect.
            typeVocabularySize: embeddings.tokenType?.count ?? Int(Int32.max), hiddenSize: shape.hiddenSize)
        cost = Self.cost(layers, embeddings.projection, shape.attention)
    }

    private static func cost(
        _ layers: [any EncoderLayer], _ projection: Linear?, _ shape: AttentionShape
    ) -> ModelCost {
        let products = layers.flatMap(\.products) + [projection].compactMap(\.self)
        let perPair = 4 * shape.heads * shape.headSize
        let windows = layers.map(\.attention.visibility).filter { $0 != .everything }
        return ModelCost(
            weightBytes: products.reduce(0) { $0 + $1.bytes },
            operationsPerToken: products.reduce(0) { $0 + 2 * $1.inputs * $1.outputs },
            operationsPerPair: (layers.count - windows.count) * perPair,
            operationsPerSeenPair: windows.count * perPair, window: windows.first ?? .everything)
    }

    /// The tensors of the base model, which have a name before theirs in checkpoints that have a head.
    private static func base(_ family: some EncoderFamily, _ weights: LayerWeights) -> LayerWeights {
        family.basePrefixes.map { weights[$0] }.first { !$0.isEmpty } ?? weights
    }

    private static func head(
        _ readout: Readout, of family: some EncoderFamily, _ weights: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        readout == .hiddenStates
            ? EncoderHead() : try family.head(readout, base(family, weights), checkpoint: weights)
    }

    /// Each head that there can be: whether the weights have it, or why they have not.
    static func heads(
        of family: some EncoderFamily, _ weights: LayerWeights
    ) -> [Readout: Result<Void, CheckpointError>] {
        var heads: [Readout: Result<Void, CheckpointError>] = [:]
        for readout in Readout.allCases {
            heads[readout] = Result { () throws(CheckpointError) in _ = try head(readout, of: family, weights) }
        }
        return heads
    }

    /// Rows that a head computes at one time: enough to fill the kernels, few enough to stay small at a vocabulary's
    /// width.
    private static var headRows: Int { 48 }

    func layOut(tokens: Int, on cpu: CPU, in workspace: Workspace) {
        _ = buffers(tokens: tokens, longest: min(tokens, limits.tokens), on: cpu, from: workspace)
    }

    private func buffers(tokens: Int, longest: Int, on cpu: CPU, from workspace: Workspace) -> EncoderBuffers {
        let tokens = EncoderBuffers.Tokens(
            all: tokens, longest: longest, group: max(longest, min(tokens, Self.groupTokens)))
        let sizes = EncoderBuffers.HeadSizes(
            rows: Self.headRows,
            hidden: heads.values.reduce(0) { max($0, $1.transform?.outputs ?? 0) },
            output: heads.values.reduce(0) { max($0, $1.width) })
        return EncoderBuffers(
            shape, precisions, tokens, terms: layers.first?.attention.terms ?? .none, heads: sizes, on: cpu,
            from: workspace)
    }

    func forward(
        _ batch: ModelBatch, on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (Range<Int>, Matrix) -> Void
    ) -> Bool {
        workspace.reset()
        let (packed, rows) = (batch.packed, batch.rows)
        let buffers = buffers(tokens: packed.tokens, longest: packed.longest, on: cpu, from: workspace)
        embeddings.forward(packed, on: cpu, buffers)
        for layer in layers.dropLast() {
            guard isWanted() else { return false }
            run(layer, packed, reading: nil, on: cpu, buffers)
        }
        guard isWanted() else { return false }
        // Of the last layer only the wanted rows are computed to the end, unless a mean is made of all.
        let isWhole = layers.isEmpty || !batch.means.isEmpty
        if let last = layers.last { run(last, packed, reading: isWhole ? nil : rows, on: cpu, buffers) }
        if let finalNorm {
            let hidden = buffers.hidden.rows(0..<(isWhole ? packed.tokens : rows.count))
            cpu.layerNorm(hidden, finalNorm, into: hidden)
        }
        if isWhole { collect(batch, on: cpu, buffers.hidden) }
        var isDone = true
        batch.forEachRun { readout, run in
            guard let head = heads[readout] else { preconditionFailure("the model is not loaded for \(readout)") }
            let step = head.isIdentity ? run.count : Self.headRows
            for start in stride(from: run.lowerBound, to: run.upperBound, by: step) {
                isDone = isDone && isWanted()
                guard isDone else { return }
                let range = start..<min(start + step, run.upperBound)
                body(range, head.forward(buffers.hidden.rows(range), on: cpu, buffers))
            }
        }
        return isDone
    }

    /// Makes the rows that are read the first of the hidden states. Each stands, at the latest, where it is made of.
    private func collect(_ batch: ModelBatch, on cpu: CPU, _ hidden: Matrix) {
        var start = 0
        func gather(to end: Int) {
            cpu.gather(hidden, rows: batch.rows[start..<end], into: hidden.rows(start..<end))
            start = end
        }
        for mean in batch.means {
            gather(to: mean.row)
            cpu.mean(hidden.rows(mean.tokens), into: hidden.rows(mean.row..<mean.row + 1))
            start += 1
        }
        gather(to: batch.rows.count)
    }

    /// - Parameter rows: the rows to compute to the end, which become the first of the hidden states; nil for all.
    private func run(
        _ layer: any EncoderLayer, _ batch: PackedBatch, reading rows: [Int]?, on cpu: CPU, _ buffers: EncoderBuffers
    ) {
        var read = 0
        batch.forEachGroup(of: buffers.groupTokens) { tokens, offsets in
            let group = SequenceGroup(
                hidden: buffers.hidden.rows(tokens), offsets: offsets, positions: batch.positions[tokens],
                buffers: buffers)
            guard let rows, rows.count < batch.tokens else { return group.run(layer, on: cpu) }
            group.attend(layer, on: cpu)
            let first = read
            while read < rows.count, rows[read] < tokens.upperBound { read += 1 }
            let hidden = buffers.hidden.rows(first..<read)
            let context = buffers.context.rows(0..<read - first)
            cpu.gather(buffers.hidden, rows: rows[first..<read], into: hidden)
            cpu.gather(buffers.context, rows: rows[first..<read], from: tokens.lowerBound, into: context)
            layer.finish(context, hidden, on: cpu, buffers)
        }
    }
}
