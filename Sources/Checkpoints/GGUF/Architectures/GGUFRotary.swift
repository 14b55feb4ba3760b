import PenstockJSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The rotation of heads by positions, by the keys `rope.…` of an architecture, and by tensors of factors.
struct GGUFRotary {
    /// `rope_theta` and `rope_scaling` of config.json.
    let settings: [(String, JSONValue)]

    /// The names of the keys.
    static let keys: Set<String> = [
        "rope.dimension_count", "rope.freq_base", "rope.scale_linear", "rope.scaling.type", "rope.scaling.factor",
        "rope.scaling.original_context_length", "rope.scaling.attn_factor", "rope.scaling.yarn_ext_factor",
        "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow",
        "rope.scaling.yarn_log_multiplier",
    ]

    /// - Throws: an error that names a key whose value is not supported.
    init(_ file: GGUFSettings) throws(CheckpointError) {
        let theta: [(String, JSONValue)] = [("rope_theta", .double(try file.magnitude("rope.freq_base") ?? 10_000))]
        guard let scaling = try Self.scaling(file) else {
            settings = theta
            return
        }
        settings = theta + [("rope_scaling", .object(JSONObject(scaling.entries)))] + scaling.beside
    }

    /// `rope_scaling`, and what stands beside it.
    private struct Scaling {
        let entries: [(String, JSONValue)]
        var beside: [(String, JSONValue)] = []
    }

    private static func scaling(_ file: GGUFSettings) throws(CheckpointError) -> Scaling? {
        let key = file["rope.scaling.factor"] == nil ? "rope.scale_linear" : "rope.scaling.factor"
        let factor = try file.magnitude(key) ?? 1
        // As llama.cpp, a factor of 0 stands for none.
        let isScaled = factor != 0 && factor != 1
        let type = try file.string("rope.scaling.type") ?? "linear"
        let single = try file.numbers(ofTensor: "rope_freqs.weight")
        let short = try file.numbers(ofTensor: "rope_factors_short.weight")
        let long = try file.numbers(ofTensor: "rope_factors_long.weight")
        if let factors = single ?? short ?? long {
            guard !isScaled || type == "longrope" else {
                throw file.unsupported("rope.scaling.factor", "the file has factors for each frequency as well")
            }
            return try longRope(file, short: short ?? factors, long: long ?? factors, isSingle: single != nil)
        }
        try refuseAttentionFactor(file)
        switch type {
        case "none": return nil
        case "linear":
            guard isScaled else { return nil }
            return Scaling(entries: [("rope_type", .string("linear")), ("factor", .double(factor))])
        case "yarn": return try yarn(file, factor: factor)
        case "longrope":
            throw CheckpointError(
                .missingTensor, file: file.metadata.path, "tensor rope_factors_long.weight is missing")
        default: throw file.unsupported("rope.scaling.type", "supported are none, linear, yarn and longrope")
        }
    }

    private static func refuseAttentionFactor(_ file: GGUFSettings) throws(CheckpointError) {
        guard let factor = try file.magnitude("rope.scaling.attn_factor"), factor != 1 else { return }
        throw file.unsupported("rope.scaling.attn_factor", "it is heeded with factors for each frequency alone")
    }

    /// Factors for each frequency: a pair of lists, as Phi-3 has them, or one list, that of Llama 3, which is the same at
    /// all lengths.
    private static func longRope(
        _ file: GGUFSettings, short: [Float], long: [Float], isSingle: Bool
    ) throws(CheckpointError) -> Scaling {
        let context = try file.size("context_length")
        let original = isSingle ? context : try file.size("rope.scaling.original_context_length", default: context)
        var entries: [(String, JSONValue)] = [
            ("rope_type", .string("longrope")), ("short_factor", list(short)), ("long_factor", list(long)),
        ]
        if isSingle { try refuseAttentionFactor(file) }
        if let factor = isSingle ? 1 : try file.magnitude("rope.scaling.attn_factor") {
            entries.append(("attention_factor", .double(factor)))
        }
        return Scaling(entries: entries, beside: [("original_max_position_embeddings", .integer(original))])
    }

    private static func list(_ numbers: [Float]) -> JSONValue { .array(numbers.map { .double(Double($0)) }) }

    private static func yarn(_ file: GGUFSettings, factor: Double) throws(CheckpointError) -> Scaling {
        for (name, neutral) in [("yarn_ext_factor", [1.0]), ("yarn_log_multiplier", [0.0])] {
            let name = "rope.scaling.\(name)"
            if let value = file[name], !neutral.contains(where: { value.double == $0 }) {
                throw file.unsupported(name, "YaRN is computed without it")
            }
        }
        var entries: [(String, JSONValue)] = [
            ("rope_type", .string("yarn")), ("factor", .double(factor)),
            (
                "original_max_position_embeddings",
                .integer(
                    try file.size("rope.scaling.original_context_length", default: file.size("context_length")))
            ),
        ]
        for (name, key) in [
            ("yarn_attn_factor", "attention_factor"), ("yarn_beta_fast", "beta_fast"), ("yarn_beta_slow", "beta_slow"),
        ] {
            if let number = try file.magnitude("rope.scaling.\(name)") { entries.append((key, .double(number))) }
        }
        return Scaling(entries: entries)
    }
}
