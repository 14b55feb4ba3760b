import PenstockJSON

/// A LoRA adapter of `peft`: narrow matrices that are added to weights of a base, and tensors in the place of others.
struct Adapter: Sendable {
    let config: AdapterConfig
    let directory: String

    /// - Returns: nil if there is no adapter in the directory
    init?(directory: String) throws(CheckpointError) {
        guard let file = try Checkpoint.configFile(AdapterConfig.name, in: directory) else { return nil }
        config = try AdapterConfig(file)
        self.directory = directory
    }

    /// The directory of the base, as far as the adapter tells: a directory with a model and an adapter is its own base,
    /// and what is there at the path that the adapter names is another.
    ///
    /// - Throws: an error that says what is missing if the base lies elsewhere, as on the Hub.
    func localBase() throws(CheckpointError) -> String {
        if try CheckpointFile.kind(at: Checkpoint.path(directory, "config.json")) != nil { return directory }
        guard let base = config.base, !base.isEmpty else {
            throw CheckpointError(
                .invalidConfiguration, file: config.file.path,
                "has no base_model_name_or_path; give it the path or the id of the model that the adapter is for")
        }
        guard try CheckpointFile.kind(at: base) == .directory else {
            throw CheckpointError(
                .unreadableFile, file: config.file.path,
                "is for the base \(JSONValue.string(base).excerpt), which is no directory here; download it, and "
                    + "give its path as base_model_name_or_path")
        }
        return base
    }

    /// The tensors of the base with the adapter in them, and the bytes that its factors take while they are read.
    ///
    /// - Parameters:
    ///   - layers: how those of the base are stored
    ///   - modules: the names that its layers have elsewhere
    func merged(
        into base: [[UInt8]: Tensor], layers: LayerStorage, modules: ModuleNames
    ) throws(CheckpointError) -> (tensors: [[UInt8]: Tensor], bytes: Int) {
        var parts = AdapterParts()
        for tensor in try tensors() { try parts.add(tensor) }
        var names = AdapterNames(base, modules)
        var merged = MergedTensors(base)
        var bytes = 0
        for (module, pair) in parts.pairs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let path = String(decoding: module, as: UTF8.self)
            let update = try update(of: path, pair, layers)
            guard let place = names.existing(module + ".weight".utf8), let weight = base[place.name] else {
                throw unfit(path, "has tensors here, but no weight in \(base.values.first?.file ?? "the base")")
            }
            let shape = place.part.shape(of: weight.shape)
            guard shape == update.shape else {
                throw unfit(path, "is for a weight of shape \(update.shape), but that of the base is \(shape)")
            }
            bytes += update.byteCount
            try merged.change(place, by: .sum(update), from: update.file)
        }
        for (path, tensor) in parts.whole.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let name = String(decoding: path, as: UTF8.self)
            let module = String(name.dropLast(".weight".count))
            if layers == .restored, tensor.shape.count == 2, Self.isTransposedLayer(module) {
                throw unfit(name, "stands for a weight that is transposed in a GGUF file, which is not supported")
            }
            let place = names.usual(path)
            if place.part == .whole {
                try merged.replace(place, by: tensor)
            } else {
                let shape = place.part.shape(of: base[place.name]?.shape ?? [])
                guard shape == tensor.shape else {
                    throw unfit(name, "has the shape \(tensor.shape), but that of the base is \(shape)")
                }
                try merged.change(place, by: .replacement(tensor), from: tensor.file)
            }
        }
        return (merged.tensors, bytes)
    }

    private func tensors() throws(CheckpointError) -> [Tensor] {
        for format in WeightsFormat.ofAdapters {
            let path = Checkpoint.path(directory, format.name)
            if try CheckpointFile.kind(at: path) != nil { return try format.tensors(path) }
        }
        let names = WeightsFormat.ofAdapters.map(\.name).joined(separator: " nor ")
        throw CheckpointError(.unreadableFile, file: directory, "has neither \(names)")
    }

    private func update(
        of module: String, _ pair: AdapterParts.Pair, _ layers: LayerStorage
    ) throws(CheckpointError) -> LowRankUpdate {
        guard let a = pair.a, let b = pair.b else { throw unfit(module, "has one of its two tensors only") }
        guard a.shape.count == 2, b.shape.count == 2, a.shape[0] == b.shape[1], a.shape[0] > 0 else {
            throw unfit(module, "has the shapes \(a.shape) and \(b.shape), which make no product of matrices")
        }
        guard max(a.byteCount, b.byteCount) / a.elementType.size <= Self.largestFactor else {
            throw unfit(module, "has more than \(Self.largestFactor) numbers in a factor")
        }
        // A table of embeddings is a transposed weight; so are all layers of GPT-2 but its heads.
        let isTransposed = pair.isEmbedding || layers == .transposed && Self.isTransposedLayer(module)
        return LowRankUpdate(
            a: a, b: b, scale: try config.scale(of: module, rank: a.shape[0]), isTransposed: isTransposed)
    }

    /// Numbers of the largest factor that is taken into memory.
    private static let largestFactor = 1 << 28

    /// A way in which the layers of a base are stored.
    enum LayerStorage: Sendable {
        /// `[outputs, inputs]`
        case usual
        /// `[inputs, outputs]`, all but heads, as those of GPT-2
        case transposed
        /// The same as they are in a GGUF file, `[outputs, inputs]`.
        case restored
    }

    private static let transposedLayers: Set<String> = ["c_attn", "c_fc", "c_proj", "q_attn"]

    private static func isTransposedLayer(_ module: String) -> Bool {
        transposedLayers.contains(String(module.split(separator: ".").last ?? ""))
    }

    private func unfit(_ module: String, _ message: String) -> CheckpointError {
        CheckpointError(.unfitTensor, file: directory, "the adapter of \(module) \(message)")
    }
}
