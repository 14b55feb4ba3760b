import PenstockCheckpoints
import PenstockCompute

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// From the logits of a masked-language-model head to a sparse embedding (`sentence_transformers` `SpladePooling`).
///
/// Formal et al., "SPLADE v2: Sparse Lexical and Expansion Model for Information Retrieval" (2021): the maximum over the
/// tokens of log(1 + relu(logit)), or their sum.
struct SpladePooling: Sendable {
    private enum Strategy: String {
        case max
        case sum
    }

    private let strategy: Strategy
    /// True if the logarithm is taken twice (`log1p_relu`).
    private let takesLogarithmTwice: Bool

    /// The maximum, as upstream pools a checkpoint without modules.
    init() { (strategy, takesLogarithmTwice) = (.max, false) }

    init(_ config: ConfigFile) throws(CheckpointError) {
        let dimensions = ["embedding_dimension", "word_embedding_dimension"]
        let (strategyKey, activationKey) = ("pooling_strategy", "activation_function")
        // The size of chunks is what upstream computes at one time.
        try config.requireKeys(dimensions + [strategyKey, activationKey, "chunk_size"])
        try config.refuseNull([strategyKey, activationKey])
        let name = try config.string(strategyKey) ?? "max"
        guard let strategy = Strategy(rawValue: name) else {
            throw config.invalid(strategyKey, .string(name), "\"max\" or \"sum\"")
        }
        let activation = try config.string(activationKey) ?? "relu"
        guard ["relu", "log1p_relu"].contains(activation) else {
            throw config.invalid(activationKey, .string(activation), "\"relu\" or \"log1p_relu\"")
        }
        (self.strategy, takesLogarithmTwice) = (strategy, activation == "log1p_relu")
    }

    /// The sum of a text before all of its rows are there: a number for each token of the vocabulary.
    struct Sum: Sendable {
        fileprivate var values: [Float] = []
        fileprivate(set) var rows = 0
    }

    /// Adds the logits of some tokens of a text, in their order.
    func add(_ logits: Matrix, to sum: inout Sum) {
        // The logarithm rises, so that of the largest logit is the largest.
        if sum.values.isEmpty { sum.values = Array(repeating: 0, count: logits.columns) }
        sum.values.withUnsafeMutableBufferPointer { values in
            for row in 0..<logits.rows {
                let logits = logits.row(row)
                switch strategy {
                case .max:
                    for index in values.indices where logits[index] > values[index] { values[index] = logits[index] }
                case .sum:
                    for index in values.indices where logits[index] > 0 { values[index] += weight(logits[index]) }
                }
            }
        }
        sum.rows += logits.rows
    }

    /// The embedding of a text all of whose rows were added.
    func embedding(_ sum: Sum) -> [Float] { strategy == .max ? sum.values.map(weight) : sum.values }

    private func weight(_ logit: Float) -> Float {
        let weight = log1pf(logit)
        return takesLogarithmTwice ? log1pf(weight) : weight
    }
}
