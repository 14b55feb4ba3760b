import PenstockJSON

/// A checkpoint directory in the layout of the Hugging Face Hub, or a GGUF file, which is all of a checkpoint. One with an
/// adapter stands for the model that the adapter changes: all files but the adapter's own are those of its base.
package struct Checkpoint: Sendable {
    /// The directory of the files, or the path of a GGUF file.
    package let directory: String
    /// The path by which it was opened: that of the adapter, if there is one.
    package let origin: String
    /// The settings of config.json, or of a GGUF file in its place.
    package let config: ConfigFile
    /// The GGUF file that is all of the checkpoint; nil if there is none.
    package let gguf: GGUFCheckpoint?
    private let adapter: Adapter?

    /// Opens the directory and reads its config.json; tensors are looked at by ``weights()``.
    ///
    /// A directory without weights in another format may hold a GGUF file. Then nothing else in it is read.
    ///
    /// - Parameters:
    ///   - directory: its path, or that of a GGUF file
    ///   - hasConfig: whether there has to be a config.json; if not, none is read
    ///   - base: the directory of the model that an adapter in the directory changes; nil for what it names itself
    package init(directory: String, hasConfig: Bool = true, base: String? = nil) throws(CheckpointError) {
        adapter = try Self.isGGUFFile(directory) ? nil : Adapter(directory: directory)
        origin = directory
        if let base {
            _ = try Self.isGGUFFile(base)
            self.directory = base
        } else {
            self.directory = try adapter?.localBase() ?? directory
        }
        gguf = hasConfig ? try GGUFCheckpoint(at: self.directory) : nil
        let path = Self.path(self.directory, "config.json")
        if let gguf {
            config = gguf.config
        } else {
            config = hasConfig ? try ConfigFile(path: path) : ConfigFile(absent: path)
        }
    }

    /// Returns true if an adapter is merged into the weights.
    package var hasAdapter: Bool { adapter != nil }

    /// The task that the adapter was trained for, as `SEQ_CLS`; nil without an adapter, and if it does not tell.
    package var adapterTask: String? { adapter?.config.taskType }

    /// The message about a path at which nothing lies.
    package static let missing = "no such file or directory"

    /// Tells whether a path is that of a GGUF file.
    ///
    /// - Throws: an error if it is neither one nor a directory.
    package static func isGGUFFile(_ path: String) throws(CheckpointError) -> Bool {
        guard let kind = try CheckpointFile.kind(at: path) else {
            throw CheckpointError(.unreadableFile, file: path, missing)
        }
        if kind == .directory { return false }
        guard kind == .file, try GGUFFile.isOne(path) else {
            throw CheckpointError(
                .unreadableFile, file: path, "is not a directory; a checkpoint is one, or a GGUF file")
        }
        return true
    }

    /// The path of a file of the checkpoint.
    package func path(_ name: String) -> String { Self.path(directory, name) }

    /// The bytes of a file of the checkpoint; nil if it cannot be opened.
    package func fileSize(_ name: String) -> Int? { try? CheckpointFile.open(path(name)).size }

    /// Returns true if there is a file of a name in a directory.
    package static func hasFile(_ name: String, in directory: String) throws(CheckpointError) -> Bool {
        try CheckpointFile.kind(at: path(directory, name)) != nil
    }

    /// The JSON object in a file of the checkpoint, or what a GGUF file says in its place; nil if there is no such file.
    package func configFile(_ name: String) throws(CheckpointError) -> ConfigFile? {
        if let gguf { return gguf.configFile(name) }
        return try Self.configFile(name, in: directory)
    }

    /// The JSON object in a file of a directory, or nil if there is no such file. There is none in a GGUF file.
    package static func configFile(_ name: String, in directory: String) throws(CheckpointError) -> ConfigFile? {
        if try CheckpointFile.kind(at: directory) == .file { return nil }
        let file = path(directory, name)
        return try CheckpointFile.kind(at: file) == nil ? nil : try ConfigFile(path: file)
    }

    /// The JSON array in a file of a directory, or nil if there is no such file.
    package static func list(_ name: String, in directory: String) throws(CheckpointError) -> [JSONValue]? {
        let file = path(directory, name)
        guard try CheckpointFile.kind(at: file) != nil else { return nil }
        let value = try CheckpointFile.json(file)
        guard let array = value.array else {
            throw CheckpointError(.malformedFile, file: file, "holds \(value.kind), not a list")
        }
        return array
    }

    /// The tensors of the first format whose files are there: one file, or those that its index lists.
    /// An adapter is merged into them.
    package func weights() throws(CheckpointError) -> Weights {
        let base = try ownWeights()
        guard let adapter else { return base }
        let modelType = try config.string("model_type")
        let merged = try adapter.merged(
            into: base.tensors, layers: modelType != "gpt2" ? .usual : base.hasOutputsFirst ? .restored : .transposed,
            modules: ModuleNames(of: modelType))
        return Weights(
            file: base.file, tensors: merged.tensors, adapterBytes: merged.bytes,
            hasOutputsFirst: base.hasOutputsFirst)
    }

    private func ownWeights() throws(CheckpointError) -> Weights {
        if let gguf {
            return Weights(
                file: gguf.file, tensors: Self.byName(gguf.tensors), hasOutputsFirst: gguf.hasOutputsFirst)
        }
        for format in WeightsFormat.all {
            let (single, index) = (path(format.name), path(format.index))
            if try CheckpointFile.kind(at: single) != nil {
                return Weights(file: single, tensors: Self.byName(try format.tensors(single)))
            }
            if try CheckpointFile.kind(at: index) != nil {
                return Weights(file: index, tensors: try Self.shardedTensors(index, of: format, in: directory))
            }
        }
        let names = WeightsFormat.all.flatMap { [$0.name, $0.index] }.joined(separator: " nor ")
        throw CheckpointError(
            .unreadableFile, file: directory,
            "has neither \(names) nor a GGUF file; "
                + "load the model in Python, with the library that made it, and save it with `save_pretrained`")
    }

    static func path(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    /// Whether this names a file in a directory and nothing outside. Bytes decide: a slash under a combining mark is
    /// still a slash to the file system, but another character to Swift.
    private static func isPlainName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: ".") else { return false }
        return !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    private static func byName(_ tensors: [Tensor]) -> [[UInt8]: Tensor] {
        Dictionary(tensors.map { (Array($0.name.utf8), $0) }) { first, _ in first }
    }

    private static func shardedTensors(
        _ index: String, of format: WeightsFormat, in folder: String
    ) throws(CheckpointError) -> [[UInt8]: Tensor] {
        guard let map = try ConfigFile(path: index)["weight_map"]?.object else {
            throw CheckpointError(.malformedFile, file: index, "has no weight_map")
        }
        if let name = map.firstDuplicateKey {
            throw CheckpointError(.malformedFile, file: index, "tensor \(name) is there twice")
        }
        var shards: [[UInt8]: [[UInt8]: Tensor]] = [:]
        var tensors: [[UInt8]: Tensor] = [:]
        for entry in map.entries {
            guard let shard = entry.value.string, isPlainName(shard) else {
                throw CheckpointError(.malformedFile, file: index, "tensor \(entry.key) names no file beside the index")
            }
            let (file, name) = (Array(shard.utf8), Array(entry.key.utf8))
            if shards[file] == nil {
                shards[file] = byName(try format.tensors(path(folder, shard)))
            }
            guard let tensor = shards[file]?[name] else {
                throw CheckpointError(
                    .missingTensor, file: path(folder, shard),
                    "tensor \(entry.key) is missing, which \(index) places here")
            }
            tensors[name] = tensor
        }
        return tensors
    }
}
