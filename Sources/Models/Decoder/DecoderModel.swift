import PenstockCheckpoints
import PenstockCompute

/// The forward pass of every decoder: embeddings, layers over groups of tokens, and logits of the tokens that are read.
///
/// A family gives what it has of its own: its embeddings, its layers and what is behind them.
package final class DecoderModel: Sendable {
    let shape: DecoderShape
    let precisions: ActivationPrecisions
    private let embeddings: DecoderEmbeddings
    private let layers: [DecoderLayer]
    private let windows: [Visibility]
    private let isCausal: Bool
    private let ending: DecoderEnding
    let heads: [Readout: DecoderHead]
    /// True if logits of the next token are those of a sequence.
    let scoresTokens: Bool
    private let rotations: ModelRotations

    /// The bounds of its inputs.
    package let limits: ModelLimits
    /// The cost of a pass over whole sequences, up to the head.
    package let cost: ModelCost
    /// The shape of a page of keys and values.
    package let pages: PageShape

    /// Loads the weights of a family, with a head for each readout.
    ///
    /// - Parameter scoring: the tokens whose logits are those of a sequence; nil for a head of its own
    init(
        _ family: some DecoderFamily, _ weights: LayerWeights, readouts: Set<Readout>, scoring: TokenScore?
    ) throws(CheckpointError) {
        let shape = family.shape
        let base = Self.base(family, weights)
        var heads: [Readout: DecoderHead] = [:]
        for readout in readouts {
            heads[readout] = try family.head(readout, base, checkpoint: weights, scoring: scoring)
        }
        self.shape = shape
        self.heads = heads
        scoresTokens = scoring != nil
        precisions = weights.target.activations
        embeddings = try family.embeddings(
            of: try family.words(base, checkpoint: weights, head: heads[.nextTokenLogits]?.output), base)
        var layers: [DecoderLayer] = []
        for index in 0..<shape.layers { layers.append(try family.layer(index, base)) }
        self.layers = layers
        windows = family.windows
        isCausal = windows.allSatisfy(\.isCausal)
        ending = try family.ending(base)
        let longest =
            family.rotaries.map { $0.longestSequence(trained: shape.longestSequence) }.min() ?? shape.longestSequence
        limits = ModelLimits(
            tokens: min(longest, weights.target.longestInput ?? .max),
            positions: weights.target.longestInput == nil ? longest : nil,
            vocabularySize: shape.vocabSize,
            typeVocabularySize: Int(Int32.max), hiddenSize: shape.embeddingSize ?? shape.hiddenSize)
        rotations = try ModelRotations(family.rotaries, positions: limits.tokens, base)
        pages = PageShape(
            layers: max(1, shape.layers), heads: shape.heads.keyHeads, headSize: shape.heads.headSize,
            precision: precisions.attention, hasBytes: weights.target.hasBytePages)
        cost = Self.cost(layers, family.windows, shape.heads)
    }

    private static func cost(
        _ layers: [DecoderLayer], _ windows: [Visibility], _ heads: GroupedHeads
    ) -> ModelCost {
        let products = layers.flatMap(\.products)
        // All or half of the pairs of tokens, or those within a window.
        let perPair = 4 * heads.querySize
        let whole: Visibility = windows.allSatisfy(\.isCausal) ? .past : .everything
        let local = layers.filter { windows[$0.attention.window] != whole }
        return ModelCost(
            weightBytes: products.reduce(0) { $0 + $1.bytes },
            operationsPerToken: products.reduce(0) { $0 + 2 * $1.inputs * $1.outputs },
            operationsPerPair: (layers.count - local.count) * perPair / (whole.isCausal ? 2 : 1),
            operationsPerSeenPair: local.count * perPair, window: windows.first { $0 != whole } ?? whole)
    }

    /// The tensors of the base model, which have a name before theirs in checkpoints that have a head.
    static func base(_ family: some DecoderFamily, _ weights: LayerWeights) -> LayerWeights {
        family.basePrefixes.map { weights[$0] }.first { !$0.isEmpty } ?? weights
    }

    /// The angles of a sequence of up to `extent` tokens, its prompt and what may come behind it.
    ///
    /// - Throws: ``ResourceError`` if there is not as much memory.
    package func rotation(extent: Int) throws(ResourceError) -> SequenceRotation {
        try rotations.rotation(extent: extent)
    }

    /// The bytes of the head that makes logits, and its multiplications and additions for each token that is read.
    package var headCost: (bytes: Int, operations: Int) {
        guard let head = heads[.nextTokenLogits]?.output else { return (0, 0) }
        return (head.bytes, 2 * head.inputs * head.outputs)
    }

    /// Takes the memory of a step of at most `tokens` tokens out of a workspace.
    package func layOut(stepTokens tokens: Int, on cpu: CPU, in workspace: Workspace) {
        _ = buffers(tokens: tokens, on: cpu, from: workspace)
    }

    /// - Parameter longest: the tokens of the longest sequence, which counts if queries see keys behind them
    func buffers(tokens: Int, longest: Int = 0, on cpu: CPU, from workspace: Workspace) -> DecoderBuffers {
        DecoderBuffers(
            shape, pages, precisions, tokens: tokens,
            group: max(isCausal ? 1 : longest, min(tokens, DecoderBuffers.fullGroupTokens)),
            projected: ending.projection == nil ? 0 : heads[.hiddenStates] == nil ? DecoderBuffers.headRows : tokens,
            width: heads.values.reduce(0) { max($0, $1.output?.outputs ?? 0) }, on: cpu, from: workspace)
    }

    /// Runs a step and lends the logits of the tokens that are read.
    ///
    /// - Parameters:
    ///   - step: items within ``limits``, whose sequences have reserved pages
    ///   - pool: where their pages are
    ///   - cpu: what computes
    ///   - workspace: of at least what ``layOut(stepTokens:on:in:)`` takes for the tokens of the step
    ///   - isWanted: asked between layers whether anybody still wants the result
    ///   - body: is lent logits of the rows in a range, `[range.count, vocabularySize]`, range after range until all
    ///     are read
    /// - Returns: whether the step was done to its end. If so, its sequences are longer by its tokens; if not, they and
    ///   their pages are as before.
    package func forward(
        _ step: DecoderStep, in pool: PagePool, on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (_ range: Range<Int>, _ logits: Matrix) -> Void
    ) -> Bool {
        guard let head = heads[.nextTokenLogits] else { preconditionFailure("the model is not loaded for generation") }
        precondition(pool.shape == pages)
        workspace.reset()
        let buffers = buffers(tokens: step.tokens, on: cpu, from: workspace)
        guard compute(step, in: pool.memory, on: cpu, buffers, isWanted) else {
            step.abandon(in: pool)
            return false
        }
        step.commit()
        read(0..<step.rowCount, through: head, on: cpu, buffers, body)
        return true
    }

    /// Makes the last hidden states of the rows that are read, the first of the buffer's.
    ///
    /// - Returns: whether it was done to its end.
    func compute(
        _ step: DecoderStep, in memory: PageMemory, on cpu: CPU, _ buffers: DecoderBuffers, _ isWanted: () -> Bool
    ) -> Bool {
        guard step.tokens > 0 else { return true }
        step.divide(for: windows, groupTokens: buffers.groupTokens, heads: shape.heads)
        embeddings.forward(step, on: cpu, buffers)
        for (index, layer) in layers.enumerated() {
            guard isWanted() else { return false }
            run(layer, index, step, in: memory, on: cpu, buffers)
        }
        if layers.isEmpty {
            cpu.gather(buffers.hidden, rows: step.rows[...], into: buffers.hidden.rows(0..<step.rowCount))
        }
        return true
    }

    private func run(
        _ layer: DecoderLayer, _ index: Int, _ step: DecoderStep, in memory: PageMemory, on cpu: CPU,
        _ buffers: DecoderBuffers
    ) {
        // Of the last layer only what is read is computed to the end.
        let isLast = index == layers.count - 1
        var (start, read) = (0, 0)
        for (number, end) in step.groupEnds.enumerated() {
            let rows = start..<end
            defer { start = end }
            let group = DecoderGroup(step: step, index: number, rows: rows, memory: memory, buffers: buffers)
            let first = read
            while read < step.rows.count, step.rows[read] < rows.upperBound { read += 1 }
            let isAttended = !isLast || first < read
            layer.project(group, layer: index, isAttended: isAttended, on: cpu)
            guard isAttended else { continue }
            layer.attention.attend(group, layer: index, on: cpu)
            guard isLast && read - first < rows.count else {
                layer.finish(group.context, group.hidden, on: cpu, buffers)
                if isLast, first != start {
                    cpu.gather(buffers.hidden, rows: step.rows[first..<read], into: buffers.hidden.rows(first..<read))
                }
                continue
            }
            let (hidden, context) = (buffers.hidden.rows(first..<read), buffers.context.rows(0..<read - first))
            cpu.gather(buffers.hidden, rows: step.rows[first..<read], into: hidden)
            cpu.gather(buffers.context, rows: step.rows[first..<read], from: start, into: context)
            layer.finish(context, hidden, on: cpu, buffers)
        }
    }

    /// Lends what a head makes of some of the rows that are read; hidden states as a whole.
    func read(
        _ rows: Range<Int>, through head: DecoderHead, on cpu: CPU, _ buffers: DecoderBuffers,
        _ body: (Range<Int>, Matrix) -> Void
    ) {
        let most = head.output == nil ? max(1, rows.count) : DecoderBuffers.headRows
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: most) {
            let range = start..<min(start + most, rows.upperBound)
            body(range, head.forward(end(buffers.hidden.rows(range), on: cpu, buffers), on: cpu, buffers))
        }
    }

    private func end(_ hidden: Matrix, on cpu: CPU, _ buffers: DecoderBuffers) -> Matrix {
        if let norm = ending.norm { cpu.normalise(hidden, norm, into: hidden) }
        guard let projection = ending.projection else { return hidden }
        let projected = buffers.readHidden.rows(0..<hidden.rows)
        cpu.linear(hidden, projection, into: projected)
        return projected
    }
}
