import PenstockCheckpoints
import PenstockCompute

/// BERT: learned positions and segments, an encoder with the norm behind each block, and a head for one readout.
///
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding" (2019).
/// T is the tokens of a batch, H the hidden size, I the intermediate size, V the vocabulary.
final class Bert: Model {
    private let config: BertConfig
    private let embeddings: BertEmbeddings
    private let encoder: [BertLayer]
    private let head: BertHead

    let limits: ModelLimits

    init(_ checkpoint: Checkpoint, readout: Readout) throws(CheckpointError) {
        let config = try BertConfig(checkpoint.config)
        let weights = try checkpoint.weights()
        let base = weights["bert"].isEmpty ? weights : weights["bert"]
        self.config = config
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
    }

    func layOut(tokens: Int, on cpu: CPU, in workspace: Workspace) {
        _ = BertBuffers(config, head, tokens: tokens, longest: min(tokens, limits.tokens), on: cpu, from: workspace)
    }

    func forward(
        _ batch: PackedBatch, rows: [Int], on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (Range<Int>, Matrix) -> Void
    ) -> Bool {
        workspace.reset()
        let buffers = BertBuffers(
            config, head, tokens: batch.tokens, longest: batch.longest, on: cpu, from: workspace)
        embeddings.forward(batch, on: cpu, buffers)
        for layer in encoder {
            guard isWanted() else { return false }
            layer.forward(batch, on: cpu, buffers)
        }
        switch head {
        case .none:
            rows.forEachConsecutiveRun { range in
                let first = rows[range.lowerBound]
                body(range, buffers.hidden.rows(first..<first + range.count))
            }
        case .pooler, .predictions:
            for start in stride(from: 0, to: rows.count, by: Self.headRows) {
                let range = start..<min(start + Self.headRows, rows.count)
                let input = buffers.headInput.rows(0..<range.count)
                cpu.gather(buffers.hidden, rows: rows[range], into: input)
                body(range, head.forward(input, on: cpu, buffers))
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

    init(_ file: ConfigFile) throws(CheckpointError) {
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
        let positions = try file.string("position_embedding_type") ?? "absolute"
        guard positions == "absolute" else {
            throw file.invalid("position_embedding_type", .string(positions), "\"absolute\"")
        }
        guard try !file.flag("is_decoder", default: false) else {
            throw file.invalid("is_decoder", .bool(true), "false: only encoders are supported")
        }
    }
}

/// The memory of one forward pass.
private struct BertBuffers {
    let hidden: Matrix  // [T, H]
    let sum: Matrix  // [T, H]
    let projections: Matrix  // [T, 3H]: queries, keys, values
    let context: Matrix  // [T, H]
    let intermediate: Matrix  // [T, I]
    let scratch: AttentionScratch
    let headInput: Matrix  // [headRows, H]
    let headHidden: Matrix  // [headRows, H]
    let headOutput: Matrix  // [headRows, readout width]

    init(_ config: BertConfig, _ head: BertHead, tokens: Int, longest: Int, on cpu: CPU, from workspace: Workspace) {
        hidden = workspace.matrix(rows: tokens, columns: config.hiddenSize)
        sum = workspace.matrix(rows: tokens, columns: config.hiddenSize)
        projections = workspace.matrix(rows: tokens, columns: 3 * config.hiddenSize)
        context = workspace.matrix(rows: tokens, columns: config.hiddenSize)
        intermediate = workspace.matrix(rows: tokens, columns: config.intermediateSize)
        scratch = cpu.attentionScratch(longest: longest, shape: config.attention, from: workspace)
        headInput = workspace.matrix(rows: Bert.headRows, columns: config.hiddenSize)
        headHidden = workspace.matrix(rows: Bert.headRows, columns: config.hiddenSize)
        headOutput = workspace.matrix(rows: Bert.headRows, columns: head.width(config))
    }
}

private struct BertEmbeddings {
    let word: Embedding  // [V, H]
    let position: Embedding
    let tokenType: Embedding
    let norm: LayerNorm

    init(_ weights: Weights, tiedTo decoder: Weights, _ config: BertConfig) throws(CheckpointError) {
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
        cpu.embed(batch.ids, word, into: buffers.sum)
        cpu.embed(batch.typeIDs, tokenType, adding: true, into: buffers.sum)
        cpu.embed(batch.positions, position, adding: true, into: buffers.sum)
        cpu.layerNorm(buffers.sum, norm, into: buffers.hidden)
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

    init(_ weights: Weights, _ config: BertConfig) throws(CheckpointError) {
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

    func forward(_ batch: PackedBatch, on cpu: CPU, _ buffers: BertBuffers) {
        let size = attentionOutput.outputs
        cpu.linear(buffers.hidden, projections, into: buffers.projections)
        cpu.attention(
            queries: buffers.projections.columns(0..<size),
            keys: buffers.projections.columns(size..<2 * size),
            values: buffers.projections.columns(2 * size..<3 * size),
            offsets: batch.offsets, shape: shape, scratch: buffers.scratch, into: buffers.context)
        cpu.linear(buffers.context, attentionOutput, residual: buffers.hidden, into: buffers.sum)
        cpu.layerNorm(buffers.sum, attentionNorm, into: buffers.hidden)
        cpu.linear(buffers.hidden, intermediate, activation: hiddenAct, into: buffers.intermediate)
        cpu.linear(buffers.intermediate, output, residual: buffers.hidden, into: buffers.sum)
        cpu.layerNorm(buffers.sum, outputNorm, into: buffers.hidden)
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

    init(_ weights: Weights, _ config: BertConfig) throws(CheckpointError) {
        dense = try weights.linear("dense", inputs: config.hiddenSize, outputs: config.hiddenSize)
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

    init(_ weights: Weights, tiedTo embeddings: Weights, _ config: BertConfig) throws(CheckpointError) {
        let size = config.hiddenSize
        transform = try weights["transform"].linear("dense", inputs: size, outputs: size)
        hiddenAct = config.hiddenAct
        norm = try weights["transform"].layerNorm("LayerNorm", size: size, epsilon: config.layerNormEps)
        let shape = [config.vocabSize, size]
        let weight =
            try weights.has("decoder.weight") || !config.tieWordEmbeddings
            ? weights.tensor("decoder.weight", shape: shape)
            : embeddings.tensor("word_embeddings.weight", shape: shape)
        let bias = try weights.vector(weights.name(of: "decoder.bias", "bias"), count: config.vocabSize)
        decoder = try weights.linear(weight: weight, bias: bias)
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
