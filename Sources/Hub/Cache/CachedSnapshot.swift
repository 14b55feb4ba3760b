/// A commit in the cache, with all the files that a task needs.
package struct CachedSnapshot: Sendable, Equatable {
    /// The commit.
    package let commit: Commit
    /// The folder with its files.
    package let folder: String
    /// The path of the GGUF file that was chosen, the first of several; nil if the weights are in another format.
    package let gguf: String?
    /// True if there is a tokenizer; that of an adapter is its base's, which lies elsewhere.
    let hasTokenizer: Bool
    /// Files of the commit that are not here, so far as answers depend on them.
    let gaps: SnapshotGaps
    /// True if the model has no head, and nothing says whether modules make embeddings of what it computes.
    let mayBeSentenceModel: Bool

    /// The path of the model: the GGUF file, of which the folder may have others, or else the folder.
    package var model: String { gguf ?? folder }

    init(
        _ selection: FileSelection, of commit: Commit, in cache: RepositoryCache, gaps: SnapshotGaps = .none,
        mayBeSentenceModel: Bool = false
    ) {
        self.commit = commit
        folder = cache.snapshot(commit)
        gguf = selection.gguf.map { cache.pointer($0, at: commit) }
        hasTokenizer = selection.hasTokenizer
        (self.gaps, self.mayBeSentenceModel) = (gaps, mayBeSentenceModel)
    }

    /// Looks for it without asking anybody; nil if files are missing, or the cache knows no commit for the revision.
    package static func find(
        _ reference: HubReference, in cache: RepositoryCache, for purpose: FileSelection.Purpose, gguf: String? = nil
    ) -> CachedSnapshot? {
        guard let commit = cache.commit(of: reference.revision) else { return nil }
        let names = cache.files(of: commit)
        guard let selection = try? FileSelection(of: names, for: purpose, gguf: gguf) else { return nil }
        switch selection.weights {
        case .files:
            guard selection.gguf != nil || names.contains(where: { $0.name == "config.json" }) else { return nil }
        case .sharded(let index):
            guard let shards = shards(of: index, at: commit, in: cache), Set(names).isSuperset(of: shards) else {
                return nil
            }
        case .none: break
        }
        // A tokenizer alone, or a GGUF file, says all by itself.
        guard purpose == .model, selection.gguf == nil else {
            return CachedSnapshot(selection, of: commit, in: cache)
        }
        let gaps = SnapshotGaps(among: names, at: commit, in: cache)
        return CachedSnapshot(
            selection, of: commit, in: cache, gaps: gaps,
            mayBeSentenceModel: gaps.mayLackModules && cache.isHeadless(commit, among: names))
    }

    private static func shards(
        of index: RepositoryPath, at commit: Commit, in cache: RepositoryCache
    ) -> [RepositoryPath]? {
        CacheIO.read(cache.pointer(index, at: commit), atMost: HubLimits().maxIndexBytes)
            .flatMap { try? ShardIndex.shards($0, of: index) }
    }
}
