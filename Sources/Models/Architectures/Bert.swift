import PenstockCheckpoints
import PenstockCompute

/// BERT: learned positions and segments, an encoder with the norm behind each block, and a head for one readout.
///
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding" (2019).
/// T is the tokens of a batch, H the hidden size, I the intermediate size, V the vocabulary.
final class Bert: Model {
    private let config: BertConfig
    private let precisions: ActivationPrecisions
    private let embeddings: BertEmbeddings
    private let encoder: [BertLayer]
    private let head: BertHead

    let limits: ModelLimits

    let cost: ModelCost

    init(_ checkpoint: Checkpoint, readout: Readout, for engine: Engine) throws(CheckpointError) {
        try checkpoint.refuseAdapter()
        let config = try BertConfig(checkpoint.config)
        let weights = LayerWeights(try checkpoint.weights(), for: engine)
        let base = weights["bert"].isEmpty ? weights : weights["bert"]
        self.config = config
        precisions = engine.activations
        embeddings = try BertEmbeddings(base["embeddings"], tiedTo: weights["cls.predictions.decoder"], config)
        var encoder: [BertLayer] = []
        for index in 0..<config.hiddenLayers {
            encoder.append(try BertLayer(base["encoder.layer.\(index)"], config))
        }
        self.encoder = encoder
        switch readout {
        case .hiddenStates: head = .none
        case .pooled: head = .pooler(try BertPooler(base["pooler"], config))
        case .tokenLogits:
            head = .predictions(try BertPredictions(weights["cls.predictions"], tiedTo: base["embeddings"], config))
        }
        limits = ModelLimits(
            tokens: config.maxPositionEmbeddings, vocabularySize: config.vocabSize,
            typeVocabularySize: config.typeVocabSize, hiddenSize: config.hiddenSize)
        let layers = encoder.flatMap { [$0.projections, $0.attentionOutput, $0.intermediate, $0.output] }
        cost = ModelCost(
            weightBytes: layers.reduce(0) { $0 + $1.bytes },
            operationsPerToken: layers.reduce(0) { $0 + 2 * $1.inputs * $1.outputs },
            operationsPerPair: encoder.count * 4 * config.hiddenSize)
    }

    func layOut(tokens: Int, on cpu: CPU, in workspace: Workspace) {
        let longest = min(tokens, limits.tokens)
        _ = BertBuffers(config, precisions, head, tokens: tokens, longest: longest, on: cpu, from: workspace)
    }

    func forward(
        _ batch: PackedBatch, rows: [Int], on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (Range<Int>, Matrix) -> Void
    ) -> Bool {
        workspace.reset()
        let buffers = BertBuffers(
            config, precisions, head, tokens: batch.tokens, longest: batch.longest, on: cpu, from: workspace)
        embeddings.forward(batch, on: cpu, buffers)
        for layer in encoder.dropLast() {
            guard isWanted() else { return false }
            layer.forward(batch, reading: nil, on: cpu, buffers)
        }
        guard isWanted() else { return false }
        // Of the last layer only the wanted rows are computed to the end.
        encoder.last?.forward(batch, reading: rows, on: cpu, buffers)
        if encoder.isEmpty { cpu.gather(buffers.hidden, rows: rows[...], into: buffers.hidden.rows(0..<rows.count)) }
        switch head {
        case .none: if !rows.isEmpty { body(rows.indices, buffers.hidden.rows(rows.indices)) }
        case .pooler, .predictions:
            for start in stride(from: 0, to: rows.count, by: Self.headRows) {
                let range = start..<min(start + Self.headRows, rows.count)
                body(range, head.forward(buffers.hidden.rows(range), on: cpu, buffers))
            }
        }
        return true
    }
}

/// config.json, with the defaults of `BertConfig`.
private struct BertConfig {
    let vocabSize: Int
    let hiddenSize: Int
    let hiddenLayers: Int
    let attention: AttentionShape
    let intermediateSize: Int
    let hiddenAct: Activation
    let maxPositionEmbeddings: Int
    let typeVocabSize: Int
    let layerNormEps: Double
    let tieWordEmbeddings: Bool

    private static let keys = [
        "vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size", "hidden_act", "max_position_embeddings",
        "type_vocab_size", "layer_norm_eps", "tie_word_embeddings", "num_attention_heads",
    ]

    init(_ file: ConfigFile) throws(CheckpointError) {
        try file.checkSettings(honoured: Self.keys)
        vocabSize = try file.size("vocab_size", default: 30522)
        hiddenSize = try file.size("hidden_size", default: 768)
        hiddenLayers = try file.size("num_hidden_layers", default: 12, atLeast: 0)
        intermediateSize = try file.size("intermediate_size", default: 3072)
        hiddenAct = try file.activation("hidden_act", default: "gelu")
        maxPositionEmbeddings = try file.size("max_position_embeddings", default: 512)
        typeVocabSize = try file.size("type_vocab_size", default: 2)
        layerNormEps = try file.magnitude("layer_norm_eps", default: 1e-12)
        tieWordEmbeddings = try file.flag("tie_word_embeddings", default: true)
        let heads = try file.size("num_attention_heads", default: 12)
        guard hiddenSize.isMultiple(of: heads) else {
            throw file.invalid("num_attention_heads", .integer(heads), "a divisor of hidden_size, \(hiddenSize)")
        }
        let headSize = hiddenSize / heads
        attention = AttentionShape(heads: heads, headSize: headSize, scale: 1 / Float(headSize).squareRoot())
    }
}

/// The memory of one forward pass. G is the tokens of a group, L of a block of rows on each lane.
private struct BertBuffers {
    let groupTokens: Int
    let hidden: Matrix  // [T, H]
    let projections: Matrix  // [G, 3H]: queries, keys, values
    let context: Matrix  // [G, H]
    let sum: Matrix  // [L, H]
    let intermediate: Matrix  // [L, I]
    let scratch: AttentionScratch
    let headHidden: Matrix  // [headRows, H]
    let headOutput: Matrix  // [headRows, readout width]

    init(
        _ config: BertConfig, _ precisions: ActivationPrecisions, _ head: BertHead, tokens: Int, longest: Int,
        on cpu: CPU, from workspace: Workspace
    ) {
        groupTokens = max(longest, min(tokens, Bert.groupTokens))
        hidden = workspace.matrix(rows: tokens, columns: config.hiddenSize)
        projections = cpu.attentionInput(
            rows: groupTokens, columns: 3 * config.hiddenSize, shape: config.attention,
            precision: precisions.attention, from: workspace)
        context = workspace.matrix(
            rows: groupTokens, columns: config.hiddenSize,
            precision: projections.precision == .bfloat16 ? precisions.input : .float32)
        sum = cpu.localMatrix(columns: config.hiddenSize, from: workspace)
        intermediate = cpu.localMatrix(
            columns: config.intermediateSize, precision: precisions.input, from: workspace)
        scratch = cpu.attentionScratch(
            longest: longest, shape: config.attention, input: projections, from: workspace)
        headHidden = workspace.matrix(rows: Bert.headRows, columns: config.hiddenSize)
        headOutput = workspace.matrix(rows: Bert.headRows, columns: head.width(config))
    }
}

private struct BertEmbeddings {
    let word: Embedding  // [V, H]
    let position: Embedding
    let tokenType: Embedding
    let norm: LayerNorm

    init(_ weights: LayerWeights, tiedTo decoder: LayerWeights, _ config: BertConfig) throws(CheckpointError) {
        let size = config.hiddenSize
        let isTied = !weights.has("word_embeddings.weight") && decoder.has("weight")
        word =
            try isTied
            ? decoder.embedding("weight", count: config.vocabSize, size: size)
            : weights.embedding("word_embeddings.weight", count: config.vocabSize, size: size)
        position = try weights.embedding(
            "position_embeddings.weight", count: config.maxPositionEmbeddings, size: size)
        tokenType = try weights.embedding("token_type_embeddings.weight", count: config.typeVocabSize, size: size)
        norm = try weights.layerNorm("LayerNorm", size: size, epsilon: config.layerNormEps)
    }

    func forward(_ batch: PackedBatch, on cpu: CPU, _ buffers: BertBuffers) {
        cpu.forEachBlock(of: batch.tokens, EmbeddingRows(embeddings: self, batch: batch, buffers: buffers))
    }

    private struct EmbeddingRows: RowsJob {
        let embeddings: BertEmbeddings
        let batch: PackedBatch
        let buffers: BertBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let sum = cpu.local(buffers.sum, rows: rows.count)
            cpu.embed(batch.ids[rows], embeddings.word, into: sum)
            cpu.embed(batch.typeIDs[rows], embeddings.tokenType, adding: true, into: sum)
            cpu.embed(batch.positions[rows], embeddings.position, adding: true, into: sum)
            cpu.layerNorm(sum, embeddings.norm, into: buffers.hidden.rows(rows))
        }
    }
}

private struct BertLayer {
    let projections: Linear  // query, key and value side by side
    let attentionOutput: Linear
    let attentionNorm: LayerNorm
    let intermediate: Linear
    let output: Linear
    let outputNorm: LayerNorm
    let shape: AttentionShape
    let hiddenAct: Activation

    init(_ weights: LayerWeights, _ config: BertConfig) throws(CheckpointError) {
        let size = config.hiddenSize
        let attention = weights["attention"]
        projections = try attention["self"].linear("query", "key", "value", inputs: size, outputs: size)
        attentionOutput = try attention["output"].linear("dense", inputs: size, outputs: size)
        attentionNorm = try attention["output"].layerNorm("LayerNorm", size: size, epsilon: config.layerNormEps)
        intermediate = try weights["intermediate"].linear("dense", inputs: size, outputs: config.intermediateSize)
        output = try weights["output"].linear("dense", inputs: config.intermediateSize, outputs: size)
        outputNorm = try weights["output"].layerNorm("LayerNorm", size: size, epsilon: config.layerNormEps)
        shape = config.attention
        hiddenAct = config.hiddenAct
    }

    /// - Parameter rows: the rows to compute to the end, which become the first of the hidden states; nil for all.
    func forward(_ batch: PackedBatch, reading rows: [Int]?, on cpu: CPU, _ buffers: BertBuffers) {
        var read = 0
        batch.forEachGroup(of: buffers.groupTokens) { tokens, offsets in
            var hidden = buffers.hidden.rows(tokens)
            var context = buffers.context.rows(0..<tokens.count)
            attend(hidden, offsets, on: cpu, buffers)
            if let rows, rows.count < batch.tokens {
                let first = read
                while read < rows.count, rows[read] < tokens.upperBound { read += 1 }
                hidden = buffers.hidden.rows(first..<read)
                context = buffers.context.rows(0..<read - first)
                cpu.gather(buffers.hidden, rows: rows[first..<read], into: hidden)
                cpu.gather(buffers.context, rows: rows[first..<read], from: tokens.lowerBound, into: context)
            }
            cpu.forEachBlock(
                of: hidden.rows, FinishingRows(layer: self, context: context, hidden: hidden, buffers: buffers))
        }
    }

    /// Makes `buffers.context` of the hidden states of a group of sequences.
    private func attend(_ hidden: Matrix, _ offsets: ArraySlice<Int>, on cpu: CPU, _ buffers: BertBuffers) {
        let size = attentionOutput.outputs
        let projected = buffers.projections.rows(0..<hidden.rows)
        cpu.forEachBlock(of: hidden.rows, ProjectingRows(layer: projections, hidden: hidden, projected: projected))
        cpu.attention(
            queries: projected.columns(0..<size), keys: projected.columns(size..<2 * size),
            values: projected.columns(2 * size..<3 * size), offsets: offsets, shape: shape,
            scratch: buffers.scratch, into: buffers.context.rows(0..<hidden.rows))
    }

    private struct ProjectingRows: RowsJob {
        let layer: Linear
        let hidden: Matrix
        let projected: Matrix

        func run(_ rows: Range<Int>, on cpu: CPU) {
            cpu.linear(hidden.rows(rows), layer, into: projected.rows(rows))
        }
    }

    /// Everything behind the attention, which treats each row by itself.
    private struct FinishingRows: RowsJob {
        let layer: BertLayer
        let context: Matrix
        let hidden: Matrix
        let buffers: BertBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let hidden = hidden.rows(rows)
            let sum = cpu.local(buffers.sum, rows: rows.count)
            let inner = cpu.local(buffers.intermediate, rows: rows.count)
            cpu.linear(context.rows(rows), layer.attentionOutput, residual: hidden, into: sum)
            cpu.layerNorm(sum, layer.attentionNorm, into: hidden)
            cpu.linear(hidden, layer.intermediate, activation: layer.hiddenAct, into: inner)
            cpu.linear(inner, layer.output, residual: hidden, into: sum)
            cpu.layerNorm(sum, layer.outputNorm, into: hidden)
        }
    }
}

private enum BertHead {
    case none
    case pooler(BertPooler)
    case predictions(BertPredictions)

    func width(_ config: BertConfig) -> Int {
        switch self {
        case .none: 0
        case .pooler: config.hiddenSize
        case .predictions: config.vocabSize
        }
    }

    /// The readout of `input`, rows of hidden states.
    func forward(_ input: Matrix, on cpu: CPU, _ buffers: BertBuffers) -> Matrix {
        switch self {
        case .none: input
        case .pooler(let pooler): pooler.forward(input, on: cpu, buffers)
        case .predictions(let predictions): predictions.forward(input, on: cpu, buffers)
        }
    }
}

private struct BertPooler {
    let dense: Linear

    init(_ weights: LayerWeights, _ config: BertConfig) throws(CheckpointError) {
        dense = try weights.linear(
            "dense", inputs: config.hiddenSize, outputs: config.hiddenSize, precision: weights.engine.headPrecision)
    }

    func forward(_ input: Matrix, on cpu: CPU, _ buffers: BertBuffers) -> Matrix {
        let output = buffers.headOutput.rows(0..<input.rows)
        cpu.linear(input, dense, activation: .tanh, into: output)
        return output
    }
}

/// The masked-language-model head. Its decoder is the word embedding unless the checkpoint has one of its own.
private struct BertPredictions {
    let transform: Linear
    let hiddenAct: Activation
    let norm: LayerNorm
    let decoder: Linear

    init(_ weights: LayerWeights, tiedTo embeddings: LayerWeights, _ config: BertConfig) throws(CheckpointError) {
        let size = config.hiddenSize
        let precision = weights.engine.headPrecision
        transform = try weights["transform"].linear("dense", inputs: size, outputs: size, precision: precision)
        hiddenAct = config.hiddenAct
        norm = try weights["transform"].layerNorm("LayerNorm", size: size, epsilon: config.layerNormEps)
        let bias = try weights.vector("decoder.bias", "bias", count: config.vocabSize)
        let isTied = config.tieWordEmbeddings && !weights.has("decoder.weight")
        decoder =
            try isTied
            ? embeddings.linear(weight: "word_embeddings.weight", bias: bias, inputs: size, precision: precision)
            : weights.linear(weight: "decoder.weight", bias: bias, inputs: size, precision: precision)
    }

    func forward(_ input: Matrix, on cpu: CPU, _ buffers: BertBuffers) -> Matrix {
        let hidden = buffers.headHidden.rows(0..<input.rows)
        let output = buffers.headOutput.rows(0..<input.rows)
        cpu.linear(input, transform, activation: hiddenAct, into: hidden)
        cpu.layerNorm(hidden, norm, into: hidden)
        cpu.linear(hidden, decoder, into: output)
        return output
    }
}
