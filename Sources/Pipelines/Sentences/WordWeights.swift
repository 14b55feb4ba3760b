import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels

/// Multiplies the vector of each token by a weight of its own (`sentence_transformers` `WordWeights`).
struct WordWeights: SentenceModule {
    let inputName = SentenceFeature.tokenEmbeddings
    let takes = "a vector for each token"
    /// By the ids of tokens.
    private let weights: [Float]

    init(_ config: ConfigFile, for target: LoadTarget) throws(CheckpointError) {
        let keys = ["vocab", "word_weights", "unknown_word_weight"]
        try config.requireKeys(keys)
        try config.refuseNull(keys)
        guard config.has("word_weights") else { throw config.invalid("word_weights", .null, "an object of weights") }
        guard let vocabulary = config["vocab"]?.array else {
            throw config.invalid("vocab", config["vocab"] ?? .null, "a list of tokens")
        }
        let unknown = try Self.weight(
            config["unknown_word_weight"] ?? .integer(1), of: "unknown_word_weight", in: config)
        // By their bytes: two words that Swift's String holds equal are two.
        var known: [[UInt8]: Float] = [:]
        for entry in try config.entries(of: "word_weights") {
            known[Array(entry.key.utf8)] = try Self.weight(entry.value, of: "word_weights", in: config)
        }
        var weights: [Float] = []
        for word in vocabulary {
            guard let word = word.string else { throw config.invalid("vocab", word, "a list of tokens") }
            weights.append(known[Array(word.utf8)] ?? known[Array(word.lowercased().utf8)] ?? unknown)
        }
        target.plan?.add(weights.count * MemoryLayout<Float>.stride)
        self.weights = weights
    }

    private static func weight(
        _ value: JSONValue, of key: String, in config: ConfigFile
    ) throws(CheckpointError) -> Float {
        guard let number = value.double.map({ Float($0) }), number.isFinite else {
            throw config.invalid(key, value, "a finite number")
        }
        return number
    }

    func shape(of input: SentenceFeature.Shape) -> SentenceFeature.Shape? {
        if case .tokens = input { input } else { nil }
    }

    func apply(
        to feature: SentenceFeature, of text: inout SentenceText, on cpu: CPU
    ) throws(PipelineError) -> SentenceFeature {
        guard case .tokens(let rows, _) = feature else { preconditionFailure("the shape is another") }
        var factors: [Float] = []
        for id in text.ids {
            guard weights.indices.contains(Int(id)) else {
                throw PipelineError(
                    .invalidInputs,
                    "the text has the token \(id), but the checkpoint's WordWeights has a vocab of \(weights.count) tokens"
                )
            }
            factors.append(weights[Int(id)])
        }
        text.weightSum = factors.reduce(0, +)
        return try feature.mapRows(width: rows.columns) { input, output in
            for (index, factor) in factors.enumerated() {
                let (source, target) = (input.row(index), output.row(index))
                for column in target.indices { target[column] = source[column] * factor }
            }
        }
    }
}
