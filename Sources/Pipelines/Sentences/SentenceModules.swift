import PenstockCheckpoints
import PenstockJSON
import PenstockModels

/// The modules of a sentence-transformers checkpoint, as modules.json lists them.
struct SentenceModules {
    /// What stands behind the transformer, in its order.
    private let entries: [(kind: SentenceModule.Kind, directory: String)]
    /// The directory of the transformer's own files.
    let transformerDirectory: String

    /// Nil if the directory has no modules.json.
    init?(directory: String) throws(CheckpointError) {
        let path = "\(directory)/modules.json"
        guard let list = try Checkpoint.list("modules.json", in: directory) else { return nil }
        var transformer: String?
        var entries: [(kind: SentenceModule.Kind, directory: String)] = []
        for entry in list {
            guard let type = entry["type"]?.string?.split(separator: ".").last else {
                throw CheckpointError(.invalidConfiguration, file: path, "a module has no type")
            }
            let folder = entry["path"]?.string ?? ""
            guard Self.staysInside(folder) else {
                throw CheckpointError(
                    .invalidConfiguration, file: path, "the module \(type) lies outside the checkpoint")
            }
            let moduleDirectory = folder.isEmpty ? directory : "\(directory)/\(folder)"
            if type == "Transformer", transformer == nil {
                transformer = moduleDirectory
            } else {
                guard let kind = SentenceModule.Kind(rawValue: String(type)) else {
                    let known = SentenceModule.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw CheckpointError(
                        .invalidConfiguration, file: path,
                        "the module \(type) is not supported; supported are: Transformer, \(known)")
                }
                entries.append((kind, moduleDirectory))
            }
        }
        guard let transformer else {
            throw CheckpointError(.invalidConfiguration, file: path, "lists no Transformer module")
        }
        transformerDirectory = transformer
        self.entries = entries
    }

    /// Whether a path leads nowhere outside. Bytes decide: a slash under a combining mark is still a slash to the file
    /// system, but another character to Swift.
    private static func staysInside(_ path: String) -> Bool {
        let path = path.utf8
        return path.first != UInt8(ascii: "/") && !path.contains(0)
            && !path.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    /// Loads what stands behind the transformer.
    func load(for engine: Engine) throws(CheckpointError) -> [SentenceModule] {
        var modules: [SentenceModule] = []
        for entry in entries { modules.append(try SentenceModule(entry.kind, directory: entry.directory, for: engine)) }
        return modules
    }
}

/// One step from hidden states to an embedding.
enum SentenceModule: Sendable {
    case pooling(Pooling)
    case dense(Dense)
    case normalize

    /// The last part of a module's `type` in modules.json.
    enum Kind: String, CaseIterable {
        case pooling = "Pooling"
        case dense = "Dense"
        case normalize = "Normalize"
    }

    init(_ kind: Kind, directory: String, for engine: Engine) throws(CheckpointError) {
        switch kind {
        case .pooling: self = .pooling(try Pooling(ConfigFile(path: "\(directory)/config.json")))
        case .dense: self = .dense(try Dense(Checkpoint(directory: directory), for: engine))
        case .normalize: self = .normalize
        }
    }
}
