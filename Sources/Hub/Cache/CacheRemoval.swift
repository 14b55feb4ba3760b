/// The files that go when commits of a model are removed: the strategy of huggingface_hub
/// (`HFCacheInfo.delete_revisions`).
///
/// The whole folder if no commit is left; else the snapshots, what stands for them in `refs`, and the blobs that no other
/// snapshot has.
package struct CacheRemoval: Sendable, Equatable {
    /// The commits that go.
    package let commits: [Commit]
    /// Paths to remove in this order, so that no link ever leads to a blob that is gone.
    package let paths: [String]
    /// Bytes of the blobs that go. One that other repositories share counts, though it stays.
    package let bytes: Int
    /// The cache.
    let root: String
    /// Blobs that go and may be links into the store that all repositories share.
    let blobs: [String]

    /// - Parameter commits: those to remove; nil for all
    /// - Throws: ``HubError`` if a folder of the model is a link, since what that leads to is not the cache's to remove
    package init(of model: CachedModel, _ commits: Set<Commit>? = nil) throws(HubError) {
        try Self.checkForLinks(in: model.cache)
        let going = model.revisions.filter { commits?.contains($0.commit) ?? true }
        let staying = model.revisions.filter { revision in !going.contains { $0.commit == revision.commit } }
        self.commits = going.map(\.commit)
        root = model.cache.root
        let kept = Set(staying.flatMap(\.files).map(\.blob))
        var gone: [String: Int] = [:]
        for file in going.flatMap(\.files) where !kept.contains(file.blob) { gone[file.blob] = file.bytes }
        for path in staying.isEmpty ? model.cache.partialFiles : [] { gone[path] = CacheIO.status(path)?.size ?? 0 }
        bytes = CacheIO.sum(gone.values)
        let links = Set(going.flatMap(\.files).filter(\.isLink).map(\.blob)).subtracting(kept).sorted()
        blobs = links
        if staying.isEmpty {
            paths = [model.cache.folder]
        } else {
            let inside = "\(model.cache.folder)/blobs/"
            paths =
                going.map(\.folder) + going.flatMap(\.references).map(model.cache.reference)
                // A link may lead anywhere; what lies elsewhere is not the cache's to remove.
                + links.filter {
                    $0.hasPrefix(inside) && !$0.utf8.dropFirst(inside.utf8.count).contains(UInt8(ascii: "/"))
                }
        }
    }

    private static func checkForLinks(in cache: RepositoryCache) throws(HubError) {
        for path in [cache.folder] + ["blobs", "refs", "snapshots"].map({ "\(cache.folder)/\($0)" })
        where CacheIO.status(path, followingLinks: false)?.isLink ?? false {
            throw HubError(
                .unusableCache,
                "\(path) is a link, and nothing outside of the cache is removed: remove what it leads to by hand, and the "
                    + "link")
        }
    }

    /// Removes it.
    ///
    /// - Throws: ``HubError``; what was removed until then is gone
    package func run() throws(HubError) {
        let shared = SharedBlobs(root: root)
        let payloads = Set(blobs.compactMap(shared.payload))
        for path in paths { try TreeRemoval.run(path) }
        for payload in payloads.sorted() { shared.sweep(payload) }
    }
}
