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
    private let heads: [Readout: EncoderHead]

    let limits: ModelLimits
    let cost: ModelCost

    var positions: PositionRule { embeddings.positions }
    var widths: [Readout: Int] { heads.mapValues(\.width) }

    /// Loads the weights of a family, with a head for each readout.
    init(
        _ family: some EncoderFamily, _ weights: LayerWeights, readouts: Set<Readout>
    ) throws(CheckpointError) {
        let shape = family.shape
        let base = Self.base(family, weights)
        self.shape = shape
        precisions = weights.target.activations
        embeddings = try family.embeddings(base, checkpoint: weights)
        var layers: [any EncoderLayer] = []
        for index in 0..<shape.layers { layers.append(try family.layer(index, base)) }
        self.layers = layers
        var heads: [Readout: EncoderHead] = [:]
        for readout in readouts { heads[readout] = try Self.head(readout, of: family, weights) }
        self.heads = heads
        limits = ModelLimits(
            tokens: min(embeddings.longestSequence, weights.target.longestInput ?? .max),
            vocabularySize: embeddings.word.count,
            // Without a table of segments they have no effect.
            typeVocabularySize: embeddings.tokenType?.count ?? Int(Int32.max), hiddenSize: shape.hiddenSize)
        let products = layers.flatMap(\.products)
        cost = ModelCost(
            weightBytes: products.reduce(0) { $0 + $1.bytes },
            operationsPerToken: products.reduce(0) { $0 + 2 * $1.inputs * $1.outputs },
            operationsPerPair: layers.count * 4 * shape.attention.heads * shape.attention.headSize)
    }

    /// The tensors of the base model, which have a name before theirs in checkpoints that have a head.
    private static func base(_ family: some EncoderFamily, _ weights: LayerWeights) -> LayerWeights {
        weights[family.basePrefix].isEmpty ? weights : weights[family.basePrefix]
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
        EncoderBuffers(
            shape, precisions, tokens: tokens, longest: longest,
            groupTokens: max(longest, min(tokens, Self.groupTokens)),
            headRows: Self.headRows, headWidth: heads.values.reduce(0) { max($0, $1.width) }, on: cpu, from: workspace)
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
        // Of the last layer only the wanted rows are computed to the end.
        if let last = layers.last { run(last, packed, reading: rows, on: cpu, buffers) }
        if layers.isEmpty { cpu.gather(buffers.hidden, rows: rows[...], into: buffers.hidden.rows(0..<rows.count)) }
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

    /// - Parameter rows: the rows to compute to the end, which become the first of the hidden states; nil for all.
    private func run(
        _ layer: any EncoderLayer, _ batch: PackedBatch, reading rows: [Int]?, on cpu: CPU, _ buffers: EncoderBuffers
    ) {
        var read = 0
        batch.forEachGroup(of: buffers.groupTokens) { tokens, offsets in
            let group = SequenceGroup(
                layer: layer, hidden: buffers.hidden.rows(tokens), offsets: offsets, buffers: buffers)
            guard let rows, rows.count < batch.tokens else { return group.run(on: cpu) }
            group.attend(on: cpu)
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

/// The sizes that all layers of an encoder share.
struct EncoderShape: Sendable {
    let hiddenSize: Int
    let layers: Int
    let attention: AttentionShape
    let intermediateSize: Int
}

/// The memory of one forward pass. G is the tokens of a group, L of a block of rows on each lane.
struct EncoderBuffers {
    let groupTokens: Int
    let hidden: Matrix  // [T, H]
    private(set) var projections: Matrix  // [G, 3H]: queries, keys, values
    private(set) var context: Matrix  // [G, H]
    let sum: Matrix  // [L, H]
    let intermediate: Matrix  // [L, I]
    let scratch: AttentionScratch
    let headHidden: Matrix  // [headRows, H]
    let headOutput: Matrix  // [headRows, width of the widest head]

    init(
        _ shape: EncoderShape, _ precisions: ActivationPrecisions, tokens: Int, longest: Int, groupTokens: Int,
        headRows: Int, headWidth: Int, on cpu: CPU, from workspace: Workspace
    ) {
        self.groupTokens = groupTokens
        hidden = workspace.matrix(rows: tokens, columns: shape.hiddenSize)
        projections = cpu.attentionInput(
            rows: groupTokens, columns: 3 * shape.hiddenSize, shape: shape.attention,
            precision: precisions.attention, from: workspace)
        context = workspace.matrix(
            rows: groupTokens, columns: shape.hiddenSize,
            precision: projections.precision == .bfloat16 ? precisions.input : .float32)
        sum = cpu.localMatrix(columns: shape.hiddenSize, from: workspace)
        intermediate = cpu.localMatrix(
            columns: shape.intermediateSize, precision: precisions.input, from: workspace)
        scratch = cpu.attentionScratch(
            longest: longest, shape: shape.attention, input: projections, from: workspace)
        headHidden = workspace.matrix(rows: headRows, columns: shape.hiddenSize)
        headOutput = workspace.matrix(rows: headRows, columns: headWidth)
    }

    /// The same with those of the group's buffers that belong to some of its rows.
    func ofRows(_ rows: Range<Int>) -> EncoderBuffers {
        var part = self
        (part.projections, part.context) = (projections.rows(rows), context.rows(rows))
        return part
    }
}
