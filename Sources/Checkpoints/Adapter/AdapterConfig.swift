import PenstockJSON

/// The settings of a LoRA adapter, read from the adapter_config.json of `peft`.
///
/// All settings that change answers are honoured, or refused by name. Those that only say what was trained, or how
/// training began, have no effect: the tensors of the adapter tell which weights it changes.
struct AdapterConfig: Sendable {
    let file: ConfigFile
    /// The model that it changes: a path, or an id of the Hub.
    let base: String?
    /// The revision of the base on the Hub.
    let revision: String?
    /// The task that the base is adapted to, as `SEQ_CLS`.
    let taskType: String?
    private let rank: Int
    private let alpha: Double
    /// True if the scale is alpha / √rank (Kalajdzievski 2023) and not alpha / rank.
    private let isRankStabilized: Bool
    private let ranks: [(key: ModulePattern, value: Int)]
    private let alphas: [(key: ModulePattern, value: Double)]
    /// The last parts of the modules that have an adapter; nil where a pattern or a word stands for them.
    private let targets: [String]?
    /// The layers that have adapters; nil for all.
    private let layers: Set<Int>?

    /// The name of the file.
    static let name = "adapter_config.json"

    init(_ file: ConfigFile) throws(CheckpointError) {
        self.file = file
        guard file["peft_type"] == .string("LORA") else {
            throw file.invalid(
                "peft_type", file["peft_type"] ?? .null,
                "\"LORA\"; merge other adapters into the model with `merge_and_unload`, and save it")
        }
        try Self.refuse(file)
        base = try file.string("base_model_name_or_path")
        revision = try file.string("revision")
        taskType = try file.string("task_type")
        rank = try file.size("r", default: 8)
        alpha = try file.magnitude("lora_alpha", default: 8)
        isRankStabilized = try file.flag("use_rslora", default: false)
        ranks = try Self.patterns("rank_pattern", in: file) { (section, key) throws(CheckpointError) in
            try section.size(key)
        }
        alphas = try Self.patterns("alpha_pattern", in: file) { (section, key) throws(CheckpointError) in
            try section.magnitude(key, default: 0)
        }
        targets = file["target_modules"]?.array?.compactMap(\.string)
        let indices = file["layers_to_transform"].map { $0.array ?? [$0] } ?? []
        layers = indices.isEmpty ? nil : Set(indices.compactMap(\.integer))
    }

    /// Returns the scale that the update of a module is multiplied by.
    ///
    /// - Throws: an error that names the module if it is none that has an adapter, or one of another rank.
    func scale(of module: String, rank found: Int) throws(CheckpointError) -> Float {
        guard isTarget(module) else {
            throw unfit("target_modules and layers_to_transform do not name \(module), which has tensors all the same")
        }
        let expected = ranks.first { $0.key.matches(module) }?.value ?? rank
        guard found == expected else {
            throw unfit("the adapter of \(module) has the rank \(found), but r or rank_pattern says \(expected)")
        }
        let alpha = alphas.first { $0.key.matches(module) }?.value ?? alpha
        return Float(alpha / (isRankStabilized ? Double(found).squareRoot() : Double(found)))
    }

    private func isTarget(_ module: String) -> Bool {
        guard let targets else { return true }
        guard targets.contains(where: { module == $0 || module.hasSuffix(".\($0)") }) else { return false }
        guard let layers else { return true }
        // The first number among the names is that of the layer.
        return module.split(separator: ".").lazy.compactMap { Int($0) }.first.map(layers.contains) ?? false
    }

    private func unfit(_ message: String) -> CheckpointError {
        CheckpointError(.invalidConfiguration, file: file.path, message)
    }

    private static func patterns<Value>(
        _ key: String, in file: ConfigFile, _ value: (ConfigFile, String) throws(CheckpointError) -> Value
    ) throws(CheckpointError) -> [(key: ModulePattern, value: Value)] {
        guard let section = try file.section(key) else { return [] }
        var patterns: [(key: ModulePattern, value: Value)] = []
        for name in section.keys {
            guard let pattern = ModulePattern(name) else {
                throw section.unsupported(
                    name, "only names of modules are supported here, and no other regular expressions")
            }
            patterns.append((pattern, try value(section, name)))
        }
        return patterns
    }

    // MARK: - What is refused

    /// Refuses what makes other sums than those of LoRA, and what nobody knows.
    private static func refuse(_ file: ConfigFile) throws(CheckpointError) {
        let remedy = "merge the adapter into the model with `merge_and_unload`, and save it"
        let initial = file["init_lora_weights"] ?? .bool(true)
        // Others change the base before the adapter is added to it.
        let harmless: [JSONValue] = [
            .bool(true), .bool(false), .string("gaussian"), .string("orthogonal"), .string("eva"),
        ]
        guard harmless.contains(initial) else { throw file.unsupported("init_lora_weights", remedy) }
        for key in file.keys where !known.contains(key) {
            switch file[key] {
            case nil, .bool(false): continue
            case .array(let elements)? where elements.isEmpty: continue
            case .object(let object)? where object.entries.isEmpty: continue
            default: throw file.unsupported(key, remedy)
            }
        }
    }

    /// Keys that are read, and keys without an effect on what a trained adapter answers.
    private static let known: Set<String> = [
        "alpha_pattern", "base_model_name_or_path", "init_lora_weights", "layers_to_transform", "lora_alpha",
        "peft_type", "r", "rank_pattern", "revision", "target_modules", "task_type", "use_rslora",
        "auto_mapping", "bias", "corda_config", "ensure_weight_tying", "eva_config", "exclude_modules",
        "fan_in_fan_out", "inference_mode", "layers_pattern", "loftq_config", "lora_dropout", "megatron_core",
        "modules_to_save", "peft_version", "qalora_group_size", "runtime_config",
    ]
}
