import PenstockCheckpoints
import PenstockJSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension RotaryScaling {
    /// The keys of a file that say how angles are scaled, and the values that stand for missing ones.
    struct Source {
        /// The object of `rope_type`, `rope_theta` and `factor`: `rope_parameters` or, in old files, `rope_scaling`.
        let parameters: ConfigFile?
        /// θ, if the object has none: its name in config.json, and its default.
        var theta: (key: String, default: Double) = ("rope_theta", 10_000)
        /// The share of a head's numbers that is turned, if the object does not say it: its name, and its default.
        var fraction: (key: String, default: Double) = ("partial_rotary_factor", 1)
        /// The length of one head's vectors.
        let headSize: Int
        /// The tokens of the longest sequence.
        let positions: Int
        /// The positions of training if the object does not say them; nil for all.
        var original: Int?
        /// Other names of a type.
        var types: [String: String] = [:]
    }

    /// Reads what config.json says of the angles.
    ///
    /// - Throws: an error that names a type or a setting that is not supported.
    init(_ file: ConfigFile, _ source: Source) throws(CheckpointError) {
        let parameters = source.parameters
        try parameters?.checkRotaryForm(byType: false)
        let fallback = try file.magnitude(source.theta.key, default: source.theta.default)
        let theta = try parameters?.magnitude("rope_theta", default: fallback) ?? fallback
        guard theta > 0, Float(theta).isFinite else {
            throw (parameters?["rope_theta"] == nil ? file : parameters ?? file).invalid(
                parameters?["rope_theta"] == nil ? source.theta.key : "rope_theta", .double(theta), "more than 0")
        }
        let share = try file.magnitude(source.fraction.key, default: source.fraction.default)
        let fraction = try parameters?.magnitude("partial_rotary_factor", default: share) ?? share
        let size = Int(Double(source.headSize) * min(fraction, 1))
        guard fraction <= 1, size > 0, size.isMultiple(of: 2) else {
            let key = [source.fraction.key, "head_dim"].first { file[$0] != nil } ?? "num_attention_heads"
            throw file.invalid(
                key, file[key] ?? .null,
                "such that an even number of the \(source.headSize) numbers of a head is turned")
        }
        let key = parameters?["rope_type"] == nil ? "type" : "rope_type"
        let type = try parameters?.string(key) ?? "default"
        let kind: Kind?
        if let parameters {
            kind = try Self.kind(source.types[type] ?? type, file, parameters, source, pairs: size / 2)
        } else {
            kind = Kind.none
        }
        guard let kind else {
            throw (parameters ?? file).unsupported(
                key, "supported are default, linear, dynamic, llama3, yarn and longrope")
        }
        (self.theta, self.size, self.kind) = (Float(theta), size, kind)
    }

    /// The scaling of a type; nil for an unknown one.
    private static func kind(
        _ type: String, _ file: ConfigFile, _ parameters: ConfigFile, _ source: Source, pairs: Int
    ) throws(CheckpointError) -> Kind? {
        switch type {
        case "default": return Kind.none
        case "linear": return .linear(factor: Float(try parameters.positive("factor")))
        case "dynamic":
            return .dynamic(factor: try parameters.positive("factor"), positions: source.positions)
        case "llama3":
            let (low, high) = (try parameters.positive("low_freq_factor"), try parameters.positive("high_freq_factor"))
            guard low != high else {
                throw parameters.invalid("high_freq_factor", .double(high), "another than low_freq_factor")
            }
            return .llama3(
                factor: Float(try parameters.positive("factor")), low: low, high: high,
                positions: Double(try original(file, parameters, source)))
        case "yarn": return .yarn(try yarn(file, parameters, source))
        case "longrope": return .longrope(try longRope(file, parameters, source, pairs: pairs))
        default: return nil
        }
    }

    /// The positions of training, before they were stretched.
    private static func original(
        _ file: ConfigFile, _ parameters: ConfigFile, _ source: Source
    ) throws(CheckpointError) -> Int {
        let key = "original_max_position_embeddings"
        // A key beside the object counts before one in it.
        if file[key] != nil || source.original != nil { return try file.size(key, default: source.original) }
        return try parameters.size(key, default: source.positions)
    }

    private static func yarn(
        _ file: ConfigFile, _ parameters: ConfigFile, _ source: Source
    ) throws(CheckpointError) -> Yarn {
        let positions = try original(file, parameters, source)
        let factor =
            parameters["factor"] == nil
            ? Double(source.positions) / Double(positions) : try parameters.positive("factor")
        func scale(_ share: Double) -> Double { factor <= 1 ? 1 : 0.1 * share * log(factor) + 1 }
        let (all, own) = (
            try parameters.magnitude("mscale_all_dim", default: 0), try parameters.magnitude("mscale", default: 0)
        )
        let natural = all != 0 && own != 0 ? scale(own) / scale(all) : scale(1)
        func beta(_ key: String, _ fallback: Double) throws(CheckpointError) -> Double {
            let value = try parameters.magnitude(key, default: fallback)
            return value == 0 ? fallback : value
        }
        return Yarn(
            factor: factor, attentionFactor: Float(try parameters.magnitude("attention_factor", default: natural)),
            betaFast: try beta("beta_fast", 32), betaSlow: try beta("beta_slow", 1), positions: Double(positions),
            isTruncated: try parameters.flag("truncate", default: true))
    }

    private static func longRope(
        _ file: ConfigFile, _ parameters: ConfigFile, _ source: Source, pairs: Int
    ) throws(CheckpointError) -> LongRope {
        let positions = try original(file, parameters, source)
        let factor =
            parameters["factor"] == nil
            ? Double(source.positions) / Double(positions) : try parameters.positive("factor")
        let natural = factor <= 1 || positions < 2 ? 1 : (1 + log(factor) / log(Double(positions))).squareRoot()
        return LongRope(
            short: try parameters.factors("short_factor", count: pairs),
            long: try parameters.factors("long_factor", count: pairs), positions: positions,
            attentionFactor: Float(try parameters.magnitude("attention_factor", default: natural)))
    }
}

extension ConfigFile {
    /// A finite number above 0.
    func positive(_ key: String) throws(CheckpointError) -> Double {
        let number = try magnitude(key, default: 0)
        guard number > 0 else { throw invalid(key, self[key] ?? .null, "a number above 0") }
        return number
    }

    /// A list of so many numbers above 0.
    fileprivate func factors(_ key: String, count: Int) throws(CheckpointError) -> [Float] {
        let numbers = self[key]?.array?.compactMap { $0.double.map { Float($0) } } ?? []
        guard numbers.count == count, self[key]?.array?.count == count,
            numbers.allSatisfy({ $0 > 0 && $0.isFinite })
        else { throw invalid(key, self[key] ?? .null, "a list of \(count) numbers above 0, one for each pair") }
        return numbers
    }
}
