import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// From the hidden states of a sequence to one vector, or several end to end (`sentence_transformers` `Pooling`).
struct Pooling: SentenceModule {
    enum Mode: String, Sendable {
        case cls
        case max
        case mean
        case meanSqrtLenTokens = "mean_sqrt_len_tokens"
        case weightedMean = "weightedmean"
        case lastToken = "lasttoken"
    }

    /// The modes whose vectors are laid end to end.
    let modes: [Mode]
    /// True if the tokens of a prompt count.
    let includesPrompt: Bool

    /// The flags of old configurations, in the order in which their vectors follow each other.
    private static let flags: [(key: String, mode: Mode)] = [
        ("pooling_mode_cls_token", .cls),
        ("pooling_mode_max_tokens", .max),
        ("pooling_mode_mean_tokens", .mean),
        ("pooling_mode_mean_sqrt_len_tokens", .meanSqrtLenTokens),
        ("pooling_mode_weightedmean_tokens", .weightedMean),
        ("pooling_mode_lasttoken", .lastToken),
    ]

    let inputName = SentenceFeature.tokenEmbeddings
    let outputName = SentenceFeature.sentenceEmbedding
    let takes = "a vector for each token"

    /// The vector of one mode, of all tokens.
    init(_ mode: Mode) { (modes, includesPrompt) = ([mode], true) }

    init(_ config: ConfigFile) throws(CheckpointError) {
        let dimensions = ["embedding_dimension", "word_embedding_dimension"]
        try config.requireKeys(dimensions + ["pooling_mode", "include_prompt"] + Self.flags.map(\.key))
        try config.refuseNull(dimensions + ["pooling_mode", "include_prompt"])
        // Upstream asks for it, but pools vectors of any length.
        _ = try config.size(dimensions.first(where: config.has) ?? dimensions[0])
        includesPrompt = try config.flag("include_prompt", default: true)
        guard let named = config["pooling_mode"] else {
            var modes: [Mode] = []
            for (key, mode) in Self.flags where try config.flag(key, default: false) { modes.append(mode) }
            self.modes = modes.isEmpty ? [.mean] : modes
            return
        }
        let names = named.array ?? [named]
        modes = names.compactMap { $0.string.flatMap(Mode.init) }
        guard !modes.isEmpty, modes.count == names.count else {
            let known = Self.flags.map(\.mode.rawValue).joined(separator: ", ")
            throw config.invalid("pooling_mode", named, "one or several of \(known)")
        }
    }

    func shape(of input: SentenceFeature.Shape) -> SentenceFeature.Shape? {
        guard case .tokens(let width) = input else { return nil }
        return .text(width: modes.count * width)
    }

    func apply(
        to feature: SentenceFeature, of text: inout SentenceText, on cpu: CPU
    ) throws(PipelineError) -> SentenceFeature {
        guard case .tokens(let rows, let memory) = feature else { preconditionFailure("the shape is another") }
        let skipped = includesPrompt ? 0 : min(text.promptTokens, rows.rows - 1)
        let tokens = rows.rows(skipped..<rows.rows)
        return withExtendedLifetime(memory) {
            .text(modes.flatMap { $0.pool(tokens, firstPosition: skipped, weightSum: text.weightSum) })
        }
    }
}

extension Pooling.Mode {
    /// The least that a sum of weights counts as.
    private static let smallestWeightSum: Float = 1e-9

    /// - Parameters:
    ///   - firstPosition: the place of the first token in its sequence, from which weights are counted
    ///   - weightSum: the sum of the weights that the tokens were multiplied by, which stands for their number
    fileprivate func pool(_ tokens: Matrix, firstPosition: Int, weightSum: Float?) -> [Float] {
        let weightSum = weightSum.map { Swift.max($0, Self.smallestWeightSum) }
        let count = weightSum ?? Float(tokens.rows)
        switch self {
        case .cls: return Array(tokens.row(0))
        case .lastToken: return Array(tokens.row(tokens.rows - 1))
        case .max: return tokens.columnwise { Swift.max($0, $1) }
        case .mean: return tokens.columnwise(+).map { $0 / count }
        case .meanSqrtLenTokens: return tokens.columnwise(+).map { $0 / count.squareRoot() }
        case .weightedMean:
            var sum = [Float](repeating: 0, count: tokens.columns)
            var weights: Float = 0
            for index in 0..<tokens.rows {
                let row = tokens.row(index)
                let weight = Float(firstPosition + index + 1)
                for column in sum.indices { sum[column] += row[column] * weight }
                weights += weight
            }
            return sum.map { $0 / (weightSum ?? weights) }
        }
    }
}

extension Matrix {
    /// The rows folded into the first, column by column. There is at least one.
    fileprivate func columnwise(_ combine: (Float, Float) -> Float) -> [Float] {
        var result = Array(row(0))
        for index in 1..<rows {
            let row = row(index)
            for column in result.indices { result[column] = combine(result[column], row[column]) }
        }
        return result
    }
}
