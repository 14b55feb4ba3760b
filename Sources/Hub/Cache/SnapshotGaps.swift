import PenstockJSON

/// The files of a commit that are not in the cache though they may belong to what is: Python fetches them one by one, and
/// an answer without one of them is another answer.
struct SnapshotGaps: Sendable, Equatable {
    /// Files that the commit has.
    let missing: [RepositoryPath]
    /// Files of which the cache does not say whether the commit has them.
    let unknown: [RepositoryPath]

    /// The gaps of a commit that is whole.
    static let none = SnapshotGaps(missing: [], unknown: [])

    /// True if all is known to be here.
    var isEmpty: Bool { missing.isEmpty && unknown.isEmpty }
    /// True if the list of the modules that make embeddings is not here, though there is one.
    var lacksModules: Bool { missing.contains { $0.description == Self.modules } }
    /// True if nothing says whether there is such a list.
    var mayLackModules: Bool { unknown.contains { $0.description == Self.modules } }

    private static let modules = "modules.json"
    /// Files beside the weights by which answers change, and without which a model loads all the same.
    static let telling = [
        modules, "config_sentence_transformers.json", "sentence_bert_config.json", "adapter_config.json",
        "tokenizer_config.json", "generation_config.json", "chat_template.jinja",
    ].compactMap(RepositoryPath.init)

    private init(missing: [RepositoryPath], unknown: [RepositoryPath]) {
        (self.missing, self.unknown) = (missing, unknown)
    }

    /// Looks for them by what huggingface_hub notes: a list of the commit's files, or of single files that it has none.
    /// Without either, a file of the modules tells that there is a list of them.
    ///
    /// - Parameter names: the files that are here
    init(among names: [RepositoryPath], at commit: Commit, in cache: RepositoryCache) {
        let present = Set(names)
        let absent = Self.telling.filter { !present.contains($0) }
        guard !absent.isEmpty else {
            self.init(missing: [], unknown: [])
            return
        }
        if let listed = cache.listedFiles(of: commit) {
            self.init(missing: absent.filter { listed.contains($0) }, unknown: [])
            return
        }
        let unknown = absent.filter { !CacheIO.exists(cache.absence($0, at: commit)) }
        let hasModules = names.contains(where: FileSelection.isOfSentenceModel)
        self.init(
            missing: unknown.filter { hasModules && $0.description == Self.modules },
            unknown: unknown.filter { !hasModules || $0.description != Self.modules })
    }
}

extension RepositoryCache {
    /// The files that a commit has, if huggingface_hub has left a list of them in the cache.
    func listedFiles(of commit: Commit) -> Set<RepositoryPath>? {
        guard let bytes = CacheIO.read(tree(commit), atMost: HubLimits().maxListingBytes),
            let list = try? JSONValue(parsing: bytes), list["format_version"]?.integer == 1,
            let files = list["files"]?.object
        else { return nil }
        return Set(files.entries.compactMap { RepositoryPath($0.key) })
    }

    /// True if the model of a commit has no head, by its config.json, so that it is taken for one that makes embeddings.
    func isHeadless(_ commit: Commit, among names: [RepositoryPath]) -> Bool {
        guard let config = names.first(where: { $0.description == "config.json" }),
            let bytes = CacheIO.read(pointer(config, at: commit), atMost: HubLimits().maxIndexBytes),
            let architecture = (try? JSONValue(parsing: bytes))?["architectures"]?.array?.first?.string
        else { return false }
        return !architecture.contains("For")
    }
}
