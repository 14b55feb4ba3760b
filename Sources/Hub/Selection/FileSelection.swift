/// The files of a repository that a task needs, by their names alone.
package struct FileSelection: Sendable, Equatable {
    /// A purpose for which files of a model are wanted.
    package enum Purpose: Sendable, Equatable {
        /// All that a pipeline loads.
        case model
        /// The files of its tokenizer, or a GGUF file, which has one in it.
        case tokenizer
    }

    /// The format that the numbers of a model are in.
    package enum Weights: Sendable, Equatable {
        /// In files that are named here: one, or the parts of a GGUF.
        case files([RepositoryPath])
        /// In the files that an index names, which is among ``FileSelection/files``.
        case sharded(index: RepositoryPath)
        /// Nowhere; tokenizers need none.
        case none
    }

    /// Files beside the weights, in the order of their names. They are downloaded first, so that weights are there only
    /// where all else is.
    package let files: [RepositoryPath]
    /// The weights of the model.
    package let weights: Weights
    /// The weights of modules of sentence-transformers.
    package let moduleWeights: [RepositoryPath]

    /// Chooses among the files of a repository.
    ///
    /// - Parameters:
    ///   - names: all files of the revision
    ///   - gguf: the file, or the kind of its numbers, that is wanted of a repository of GGUF files
    /// - Throws: ``HubError`` of the code `noModel`, which says what there is instead
    package init(
        of names: [RepositoryPath], for purpose: Purpose = .model, gguf: String? = nil
    ) throws(HubError) {
        let names = names.sorted()
        let present = Set(names)
        let wanted = names.filter { Self.isSmall($0, for: purpose) }
        guard purpose == .model else {
            let isThere = gguf == nil && wanted.contains(where: Self.isTokenizer)
            (files, weights, moduleWeights) = (wanted, isThere ? .none : try Self.ggufTokenizer(names, gguf), [])
            return
        }
        let adapter = Self.adapter(present)
        var weights = adapter?.weights ?? Self.weights(in: "", present)
        if weights == nil { weights = try Self.gguf(names, gguf) }
        let moduleWeights = Self.moduleFolders(wanted).flatMap { Self.moduleWeights(in: $0, present) }
        guard gguf == nil || weights.map(Self.isGGUF) ?? false else {
            throw HubError(.noModel, Self.lacksGGUF)
        }
        guard weights != nil || !moduleWeights.isEmpty else { throw Self.nothingUsable(names) }
        // The index is loaded with the small files: it says which shards there are.
        var files = wanted
        if let adapter { files.append(adapter.config) }
        if case .sharded(let index)? = weights { files.append(index) }
        self.files = files
        self.weights = weights ?? .none
        self.moduleWeights = moduleWeights
    }

    // MARK: - Small files

    private static let anyFolder: Set<String> = [
        "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.txt", "vocab.json", "merges.txt",
    ]
    private static let topOnly: Set<String> = [
        "generation_config.json", "modules.json", "config_sentence_transformers.json", "preprocessor_config.json",
        "processor_config.json", "chat_template.jinja", "chat_template.json",
    ]
    /// The vocabularies of SentencePiece; other files end with `.model`, too.
    private static let sentencePieces: Set<String> = [
        "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "sentencepiece.model", "spm.model",
        "source.spm", "target.spm", "tokenizer.model.v3",
    ]

    private static func isSmall(_ path: RepositoryPath, for purpose: Purpose) -> Bool {
        let (name, folder) = (path.name, path.folder)
        if folder == "additional_chat_templates" { return name.hasSuffix(".jinja") }
        guard folder.isEmpty || isModuleFolder(folder) else { return false }
        if purpose == .tokenizer {
            return isTokenizer(path) || ["config.json", "modules.json", "chat_template.jinja"].contains(name)
                || isSentenceConfig(name) || ["special_tokens_map.json", "added_tokens.json"].contains(name)
                || name == "tokenizer_config.json"
        }
        return anyFolder.contains(name) || sentencePieces.contains(name) || isSentenceConfig(name)
            || folder.isEmpty && topOnly.contains(name)
    }

    private static func isTokenizer(_ path: RepositoryPath) -> Bool {
        ["tokenizer.json", "vocab.txt", "vocab.json", "merges.txt"].contains(path.name)
            || sentencePieces.contains(path.name)
    }

    /// `sentence_bert_config.json` and its relatives.
    private static func isSentenceConfig(_ name: String) -> Bool {
        name.hasPrefix("sentence_") && name.hasSuffix("_config.json")
    }

    // MARK: - Modules of sentence-transformers

    /// `1_Pooling`, `2_Dense`; with a route before the number in models of several.
    static func isModuleFolder(_ folder: String) -> Bool {
        let parts = folder.split(separator: "_", omittingEmptySubsequences: false)
        guard !folder.contains("/"), let index = parts.firstIndex(where: isNumber), index + 1 < parts.count else {
            return false
        }
        return index <= 1 && !parts[index + 1].isEmpty
    }

    /// True for a file that only models of sentence-transformers have.
    static func isOfSentenceModel(_ path: RepositoryPath) -> Bool {
        path.folder.isEmpty
            ? path.name == "config_sentence_transformers.json" || isSentenceConfig(path.name)
            : path.name == "config.json" && isModuleFolder(path.folder)
    }

    private static func isNumber(_ text: Substring) -> Bool {
        1...3 ~= text.utf8.count && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    private static func moduleFolders(_ files: [RepositoryPath]) -> [String] {
        guard files.contains(where: { $0.description == "modules.json" }) else { return [] }
        var folders: [String] = []
        for file in files where !file.folder.isEmpty && folders.last != file.folder && isModuleFolder(file.folder) {
            folders.append(file.folder)
        }
        return folders
    }

    private static func moduleWeights(in folder: String, _ present: Set<RepositoryPath>) -> [RepositoryPath] {
        if case .files(let files)? = weights(in: folder, present) { files } else { [] }
    }

    // MARK: - Weights

    /// Safetensors before pickles, a single file before shards, as `transformers` looks for them.
    private static func weights(in folder: String, _ present: Set<RepositoryPath>) -> Weights? {
        for (name, isIndex) in [
            ("model.safetensors", false), ("model.safetensors.index.json", true), ("pytorch_model.bin", false),
            ("pytorch_model.bin.index.json", true),
        ] {
            guard let path = RepositoryPath(folder.isEmpty ? name : "\(folder)/\(name)"), present.contains(path) else {
                continue
            }
            return isIndex ? .sharded(index: path) : .files([path])
        }
        return nil
    }

    /// An adapter of `peft`, which wins over a model beside it: it is its base that is loaded, which lies elsewhere.
    private static func adapter(_ present: Set<RepositoryPath>) -> (config: RepositoryPath, weights: Weights)? {
        guard let config = RepositoryPath("adapter_config.json"), present.contains(config) else { return nil }
        for name in ["adapter_model.safetensors", "adapter_model.bin"] {
            if let path = RepositoryPath(name), present.contains(path) { return (config, .files([path])) }
        }
        return nil
    }

    private static func gguf(_ names: [RepositoryPath], _ wish: String?) throws(HubError) -> Weights? {
        let choices = GGUFChoice.all(names)
        return choices.isEmpty ? nil : .files(try GGUFChoice.best(of: choices, wish: wish).files)
    }

    /// The GGUF file with the vocabulary: of a model in parts, the first of them.
    private static func ggufTokenizer(_ names: [RepositoryPath], _ wish: String?) throws(HubError) -> Weights {
        guard case .files(let files)? = try gguf(names, wish) else {
            throw HubError(
                .noModel,
                wish == nil
                    ? "has no tokenizer: neither tokenizer.json nor a vocabulary nor a GGUF file" : lacksGGUF)
        }
        return .files(Array(files.prefix(1)))
    }

    private static let lacksGGUF = "has no GGUF files; leave --gguf out"

    /// The GGUF file that is the model, the first of several; nil if the weights are in another format.
    var gguf: RepositoryPath? {
        guard Self.isGGUF(weights), case .files(let files) = weights else { return nil }
        return files.first
    }

    /// True if there is a tokenizer; that of an adapter is its base's, which lies elsewhere.
    var hasTokenizer: Bool {
        gguf != nil || files.contains { Self.isTokenizer($0) || $0.description == "adapter_config.json" }
    }

    private static func isGGUF(_ weights: Weights) -> Bool {
        if case .files(let files) = weights { files.allSatisfy { $0.name.hasSuffix(".gguf") } } else { false }
    }

    private static func nothingUsable(_ names: [RepositoryPath]) -> HubError {
        let others = [
            ("ONNX", ".onnx"), ("TensorFlow", ".h5"), ("Flax", ".msgpack"), ("OpenVINO", "openvino_model.xml"),
            ("LoRA", "adapter_model.safetensors"), ("diffusers", "model_index.json"),
        ].filter { other in names.contains { $0.name.hasSuffix(other.1) } }.map(\.0)
        let found = others.isEmpty ? "" : ", but files of \(others.joined(separator: ", "))"
        return HubError(
            .noModel,
            "has neither model.safetensors nor pytorch_model.bin nor their shards nor a GGUF\(found); choose another one"
        )
    }
}
