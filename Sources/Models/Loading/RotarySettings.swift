import PenstockCheckpoints
import PenstockCompute

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The angles by which positions turn queries and keys, as config.json has them.
struct RotarySettings: Sendable {
    private let theta: Float
    private let scaling: Scaling
    /// True if angles become others in sequences that are longer than those of training. Then these are not taken.
    let isDynamic: Bool

    /// A rule that stretches the positions of a model that was trained on shorter sequences.
    private enum Scaling: Sendable {
        case none
        /// All frequencies are divided by a factor.
        case linear(Float)
        /// Low frequencies are divided by about a factor, high ones hardly (Su 2023, https://kexue.fm/archives/9706). With
        /// an exponent, the division grows from the first pair to the last by it.
        case byFrequency(factor: Double, exponent: Double?)
    }

    /// The frequency of each pair of a head's numbers.
    ///
    /// - Parameter size: the length of one head's vectors
    func frequencies(size: Int) -> [Float] {
        switch scaling {
        case .none: return RotaryTable.frequencies(theta: theta, size: size)
        case .linear(let factor): return RotaryTable.frequencies(theta: theta, size: size).map { $0 / factor }
        case .byFrequency(let factor, nil):
            let divisor = Float(pow(factor, 2 / Double(size)))
            return RotaryTable.frequencies(theta: theta * Float(factor), size: size).map { $0 / divisor }
        case .byFrequency(let factor, let exponent?):
            let step = log(factor) / pow(Double(size / 2), exponent)
            let frequencies = RotaryTable.frequencies(theta: theta, size: size)
            return frequencies.enumerated().map { $1 / Float(exp(step * pow(Double($0 + 1), exponent))) }
        }
    }

    /// The keys of a file that say it, and the values that stand for missing ones.
    struct Source {
        /// The object of `rope_type`, `rope_theta` and `factor`: `rope_parameters` or, in old files, `rope_scaling`.
        let parameters: ConfigFile?
        /// θ, if the object has none: its name in config.json, and its default.
        let theta: (key: String, default: Double)
        /// True if `"ntk"` is a type, as in the code beside GTE's checkpoints.
        var knowsFixedNTK = false
    }

    /// Reads what config.json says of the angles.
    ///
    /// `dynamic` changes nothing up to `max_position_embeddings`, and longer sequences are not taken.
    ///
    /// - Throws: an error that names a type or a setting that is not supported.
    init(_ file: ConfigFile, _ source: Source) throws(CheckpointError) {
        let parameters = source.parameters
        try parameters?.checkRotaryForm(byType: false)
        try file.refuseNull([source.theta.key])
        let fallback = try file.magnitude(source.theta.key, default: source.theta.default)
        let theta = try parameters?.magnitude("rope_theta", default: fallback) ?? fallback
        guard theta > 0 else {
            throw file.invalid(source.theta.key, file[source.theta.key] ?? .double(theta), "more than 0")
        }
        self.theta = Float(theta)
        for place in [file, parameters].compactMap(\.self) {
            if let fraction = place["partial_rotary_factor"], fraction.double != 1 {
                throw place.unsupported("partial_rotary_factor", "all numbers of a head are turned")
            }
        }
        let key = parameters?["rope_type"] == nil ? "type" : "rope_type"
        switch (try parameters?.string(key) ?? "default", parameters) {
        case ("default", _): scaling = .none
        case ("dynamic", _):
            (scaling, isDynamic) = (.none, true)
            return
        case ("linear", let parameters?): scaling = .linear(Float(try Self.factor(parameters)))
        case ("ntk", let parameters?) where source.knowsFixedNTK:
            let factor = try Self.factor(parameters)
            let exponent =
                parameters["mixed_b"] == nil ? nil : try parameters.magnitude("mixed_b", default: 0)
            scaling = factor > 1 ? .byFrequency(factor: factor, exponent: exponent) : .none
        default:
            throw (parameters ?? file).unsupported(
                key, "supported are default, linear and dynamic\(source.knowsFixedNTK ? ", and ntk" : "")")
        }
        isDynamic = false
    }

    private static func factor(_ parameters: ConfigFile) throws(CheckpointError) -> Double {
        let factor = try parameters.magnitude("factor", default: 0)
        guard factor > 0 else {
            throw parameters.invalid("factor", parameters["factor"] ?? .null, "a number above 0")
        }
        return factor
    }
}

extension ConfigFile {
    /// Refuses heads of another length than that of their share of the hidden state, and those that are not of pairs.
    func checkRotaryHeads(_ shape: AttentionShape) throws(CheckpointError) {
        if let size = self["head_dim"], size != .integer(shape.headSize) {
            throw invalid("head_dim", size, "null or \(shape.headSize), hidden_size / num_attention_heads")
        }
        guard shape.headSize.isMultiple(of: 2) else {
            throw invalid(
                "num_attention_heads", .integer(shape.heads),
                "such that heads have an even size: positions turn pairs of numbers")
        }
    }
}
