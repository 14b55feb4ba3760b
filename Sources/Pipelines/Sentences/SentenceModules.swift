import PenstockCheckpoints
import PenstockJSON
import PenstockModels

/// The modules of a sentence-transformers checkpoint, as modules.json lists them; or what a model of `model2vec` without
/// that file is made of.
struct SentenceModules {
    /// A module that stands first and reads texts.
    enum Input: Sendable {
        /// A model of `transformers`.
        case transformer
        /// A vector for each token, whose mean is the embedding.
        case staticEmbedding
        /// The same with the rules of `model2vec`.
        case model2vec
    }

    /// A module behind the first.
    struct Entry {
        /// The name of its class.
        let kind: String
        let directory: String
        /// The module itself, if it has no files of its own.
        var module: (any SentenceModule)?
    }

    /// The modules behind the first, in their order.
    let entries: [Entry]
    private let path: String
    /// The module that stands first.
    let input: Input
    /// The name of its class.
    let inputKind: String
    /// The directory of its own files.
    let inputDirectory: String

    /// The purpose of the modules, by what they make.
    var purpose: TaskRegistry.SentenceModel {
        isSparse ? .sparseEmbeddings : masks.isEmpty ? .embeddings : .tokenVectors
    }

    /// The names of the classes behind the Transformer, in their order.
    var kinds: [String] { entries.map(\.kind) }

    /// The package that the classes of modules are of.
    private static let package = "sentence_transformers."

    /// Nil if the directory has no modules.json, and is no model of `model2vec` either; for a GGUF file, too.
    init?(directory: String) throws(CheckpointError) {
        if try Checkpoint.isGGUFFile(directory) { return nil }
        guard let list = try Checkpoint.list("modules.json", in: directory) else {
            guard let config = try Checkpoint.configFile("config.json", in: directory),
                config["model_type"] == .string("model2vec")
            else { return nil }
            try self.init(model2vec: config, in: directory)
            return
        }
        try self.init(list, in: directory)
    }

    /// The modules of a list.
    private init(_ list: [JSONValue], in directory: String) throws(CheckpointError) {
        path = "\(directory)/modules.json"
        var first: (input: Input, kind: String, directory: String)?
        var entries: [Entry] = []
        var names: Set<[UInt8]> = []
        for element in list {
            let (type, folder) = try Self.typeAndFolder(of: element, in: path)
            // Upstream keeps modules by name, so that the later of two replaces the earlier.
            if let name = element["name"]?.string, !names.insert(Array(name.utf8)).inserted {
                throw Self.invalid(path, "has two modules of the name \(name.excerpt); give each one of its own")
            }
            let moduleDirectory = folder.isEmpty ? directory : "\(directory)/\(folder)"
            if first == nil {
                guard let input = Self.inputs[type] else {
                    throw Self.invalid(
                        path,
                        "the first module is \(type), which is not supported; it has to be Transformer or StaticEmbedding"
                    )
                }
                first = (input, type, moduleDirectory)
            } else {
                entries.append(Entry(kind: type, directory: moduleDirectory))
            }
        }
        guard let first else { throw Self.invalid(path, "lists no modules") }
        (input, inputKind, inputDirectory) = first
        self.entries = entries
    }

    /// The modules that can stand first, by the names of their classes.
    private static let inputs = [
        "Transformer": Input.transformer, "MLMTransformer": .transformer, "StaticEmbedding": .staticEmbedding,
    ]

    private init(model2vec config: ConfigFile, in directory: String) throws(CheckpointError) {
        (path, input, inputKind, inputDirectory) = (config.path, .model2vec, "StaticModel", directory)
        let normalizes = try config.flag("normalize", default: false)
        entries = normalizes ? [Entry(kind: "Normalize", directory: "\(directory)/1_Normalize")] : []
    }

    /// The pooling that a GGUF file names; nil for one that names none, or makes a score of a text.
    init?(_ gguf: GGUFCheckpoint) {
        let mode: Pooling.Mode
        switch gguf.pooling {
        case nil, .rank: return nil
        case .mean: mode = .mean
        case .first: mode = .cls
        case .last: mode = .lastToken
        }
        (path, input, inputKind, inputDirectory) = (gguf.file, .transformer, "Transformer", gguf.file)
        entries = [Entry(kind: "Pooling", directory: gguf.file, module: Pooling(mode))]
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
                    + "of \(package)models: Transformer, StaticEmbedding, \(SentenceModuleRegistry.names)")
        }
        guard let folder = element["path"]?.string else { throw invalid(path, "the module \(name) has no path") }
        guard staysInside(folder) else { throw invalid(path, "the module \(name) lies outside the checkpoint") }
        return (name, folder)
    }

    /// The error of a list that cannot be heeded.
    func invalid(_ message: String) -> CheckpointError { Self.invalid(path, message) }

    private static func invalid(_ path: String, _ message: String) -> CheckpointError {
        CheckpointError(.invalidConfiguration, file: path, message)
    }

    /// Tells whether a path leads nowhere outside. Bytes decide: a slash under a combining mark is still a slash to the
    /// file system, but another character to Swift.
    private static func staysInside(_ path: String) -> Bool {
        let path = path.utf8
        return path.first != UInt8(ascii: "/") && !path.contains(0)
            && !path.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    /// Loads what stands behind the first module, and checks that each module can take what those before it make.
    ///
    /// - Parameter hiddenSize: the length of the vectors that the first makes
    func chain(hiddenSize: Int, for target: LoadTarget) throws(CheckpointError) -> SentenceChain {
        var chain = SentenceChain(
            behind: input == .transformer ? .tokens(width: hiddenSize) : .text(width: hiddenSize))
        if inputKind == "MLMTransformer" {
            throw invalid(
                "the first module is MLMTransformer, which makes logits; they are pooled by sparse-embeddings")
        }
        for entry in entries { try append(entry, SentenceModuleRegistry.module(entry, for: target), to: &chain) }
        guard chain.width != nil else {
            throw Self.invalid(
                path,
                "the modules make no vector for a text: \(SentenceFeature.sentenceEmbedding) is "
                    + "\(chain.sentenceShape.map(\.description) ?? "not there"); add a Pooling")
        }
        return chain
    }

    /// Loads what makes a vector for each token: all modules but those that choose among the tokens.
    func tokenChain(hiddenSize: Int, for target: LoadTarget) throws(CheckpointError) -> SentenceChain {
        guard inputKind == "Transformer" else {
            throw invalid("the first module is \(inputKind), but vectors of tokens are made by a Transformer")
        }
        var chain = SentenceChain(behind: .tokens(width: hiddenSize))
        for entry in entries where entry.kind != Self.maskKind {
            // As upstream, those of old files are about tokens, too.
            let module: any SentenceModule =
                entry.kind == "Dense"
                ? try Dense(
                    Checkpoint(directory: entry.directory), for: target, reading: SentenceFeature.tokenEmbeddings)
                : try SentenceModuleRegistry.module(entry, for: target)
            try append(entry, module, to: &chain)
        }
        return chain
    }

    /// The class that chooses among tokens.
    private static let maskKind = "MultiVectorMask"

    /// The modules that choose among tokens.
    var masks: [Entry] { entries.filter { $0.kind == Self.maskKind } }

    private func append(
        _ entry: Entry, _ module: any SentenceModule, to chain: inout SentenceChain
    ) throws(CheckpointError) {
        guard let problem = chain.append(module) else { return }
        throw invalid("the module \(entry.kind) in \(entry.directory) \(problem)")
    }
}
