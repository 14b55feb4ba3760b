import PenstockCheckpoints
import PenstockJSON
import PenstockModels

/// The modules of a sentence-transformers checkpoint, as modules.json lists them.
struct SentenceModules {
    /// A module behind the Transformer.
    private struct Entry {
        let kind: String
        let directory: String
        let load: SentenceModuleRegistry.Loader
    }

    /// What stands behind the Transformer, in its order.
    private let entries: [Entry]
    private let path: String
    /// The directory of the Transformer's own files.
    let transformerDirectory: String

    /// The package that the classes of modules are of.
    private static let package = "sentence_transformers."

    /// Nil if the directory has no modules.json.
    init?(directory: String) throws(CheckpointError) {
        path = "\(directory)/modules.json"
        guard let list = try Checkpoint.list("modules.json", in: directory) else { return nil }
        var transformer: String?
        var entries: [Entry] = []
        var names: Set<[UInt8]> = []
        for element in list {
            let (type, folder) = try Self.typeAndFolder(of: element, in: path)
            // Upstream keeps modules by name, so that the later of two replaces the earlier.
            if let name = element["name"]?.string, !names.insert(Array(name.utf8)).inserted {
                throw Self.invalid(path, "has two modules of the name \(name.excerpt); give each one of its own")
            }
            let moduleDirectory = folder.isEmpty ? directory : "\(directory)/\(folder)"
            if transformer == nil {
                guard type == "Transformer" else {
                    throw Self.invalid(
                        path, "the first module is \(type), which is not supported; it has to be Transformer")
                }
                transformer = moduleDirectory
            } else {
                guard let load = SentenceModuleRegistry.loaders.first(where: { $0.key == type })?.value else {
                    throw Self.invalid(
                        path,
                        "the module \(type) is not supported; supported are: Transformer, \(SentenceModuleRegistry.names)"
                    )
                }
                entries.append(Entry(kind: type, directory: moduleDirectory, load: load))
            }
        }
        guard let transformer else { throw Self.invalid(path, "lists no Transformer module") }
        transformerDirectory = transformer
        self.entries = entries
    }

    /// The name of a module's class and the folder of its files.
    private static func typeAndFolder(
        of element: JSONValue, in path: String
    ) throws(CheckpointError) -> (type: String, folder: String) {
        guard let type = element["type"]?.string, let name = type.split(separator: ".").last.map(String.init) else {
            throw invalid(path, "a module has no type")
        }
        guard type.utf8.starts(with: package.utf8) else {
            throw invalid(
                path,
                "the module \(type.excerpt) is code of the checkpoint's own, which is not run; supported are the modules "
                    + "of \(package)models: Transformer, \(SentenceModuleRegistry.names)")
        }
        guard let folder = element["path"]?.string else { throw invalid(path, "the module \(name) has no path") }
        guard staysInside(folder) else { throw invalid(path, "the module \(name) lies outside the checkpoint") }
        return (name, folder)
    }

    private static func invalid(_ path: String, _ message: String) -> CheckpointError {
        CheckpointError(.invalidConfiguration, file: path, message)
    }

    /// Whether a path leads nowhere outside. Bytes decide: a slash under a combining mark is still a slash to the file
    /// system, but another character to Swift.
    private static func staysInside(_ path: String) -> Bool {
        let path = path.utf8
        return path.first != UInt8(ascii: "/") && !path.contains(0)
            && !path.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    /// Loads what stands behind the Transformer, and checks that each module can take what those before it make.
    ///
    /// - Parameter hiddenSize: the length of the Transformer's vectors
    func chain(hiddenSize: Int, for target: LoadTarget) throws(CheckpointError) -> SentenceChain {
        var chain = SentenceChain(hiddenSize: hiddenSize)
        for entry in entries {
            let module = try entry.load(entry.directory, target)
            if let problem = chain.append(module) {
                throw Self.invalid(path, "the module \(entry.kind) in \(entry.directory) \(problem)")
            }
        }
        guard chain.width != nil else {
            throw Self.invalid(
                path,
                "the modules make no vector for a text: \(SentenceFeature.sentenceEmbedding) is "
                    + "\(chain.sentenceShape.map(\.description) ?? "not there"); add a Pooling")
        }
        return chain
    }
}
