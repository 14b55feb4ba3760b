/// The places of the files of a repository in a cache, by the layout of huggingface_hub:
///
///     models--org--name/blobs/ETAG                  the bytes
///     models--org--name/snapshots/COMMIT/PATH       links to blobs
///     models--org--name/refs/REVISION               the commit of a branch or tag
///     models--org--name/.no_exist/COMMIT/PATH       files that a commit does not have
///     models--org--name/trees/COMMIT.json           files that a commit has, by huggingface_hub
///     .locks/models--org--name/ETAG.lock            who downloads a blob
package struct RepositoryCache: Sendable {
    /// The cache, without a slash at its end.
    package let root: String
    /// The repository.
    package let id: RepositoryID

    package init(root: String, id: RepositoryID) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        self.id = id
    }

    /// The ids of the models that a cache has anything of, sorted.
    package static func ids(in root: String) -> [RepositoryID] {
        CacheIO.entries(of: root).compactMap { RepositoryID(folder: $0) }.sorted { $0.description < $1.description }
    }

    /// The folder of the repository.
    package var folder: String { "\(root)/\(id.folder)" }

    func blob(_ etag: String) -> String { "\(folder)/blobs/\(etag)" }
    func lock(_ etag: String) -> String { "\(root)/.locks/\(id.folder)/\(etag).lock" }
    func reference(_ revision: String) -> String { "\(folder)/refs/\(revision)" }
    func absence(_ path: RepositoryPath, at commit: Commit) -> String { "\(folder)/.no_exist/\(commit)/\(path)" }
    func tree(_ commit: Commit) -> String { "\(folder)/trees/\(commit).json" }
    func pointer(_ path: RepositoryPath, at commit: Commit) -> String { "\(snapshot(commit))/\(path)" }

    /// The folder with the files of a commit.
    package func snapshot(_ commit: Commit) -> String { "\(folder)/snapshots/\(commit)" }

    /// The commit that the cache has for a revision.
    package func commit(of revision: String) -> Commit? {
        if let commit = Commit(revision) { return commit }
        guard let text = CacheIO.text(reference(revision), atMost: 100) else { return nil }
        return Commit(String(text.prefix { !$0.isWhitespace }))
    }

    /// Notes the commit of a revision, if that is news.
    func note(_ commit: Commit, for revision: String) throws(HubError) {
        guard revision != commit.description, self.commit(of: revision) != commit else { return }
        let path = reference(revision)
        if let parent = CacheIO.parent(of: path) { try CacheIO.createFolder(parent) }
        try CacheIO.write(Array(commit.description.utf8), to: path)
    }

    /// Notes that a commit does not have a file. Only a hint for those who come later, so that failures do not count.
    func noteAbsence(of path: RepositoryPath, at commit: Commit) {
        let marker = absence(path, at: commit)
        guard !CacheIO.exists(marker), let parent = CacheIO.parent(of: marker) else { return }
        do throws(HubError) {
            try CacheIO.createFolder(parent)
            try CacheIO.write([], to: marker)
        } catch {}
    }

    /// The files of a commit that are here, in the order of their names: links to blobs that are gone do not count.
    package func files(of commit: Commit) -> [RepositoryPath] {
        var found: [RepositoryPath] = []
        var folders = [""]
        while let folder = folders.popLast(), found.count < Self.mostFiles {
            for name in CacheIO.entries(of: "\(snapshot(commit))/\(folder)") {
                let text = folder.isEmpty ? name : "\(folder)/\(name)"
                guard let path = RepositoryPath(text), let status = CacheIO.status(pointer(path, at: commit)) else {
                    continue
                }
                // A folder that is a link could lead into itself.
                if !status.isFolder {
                    found.append(path)
                } else if !(CacheIO.status(pointer(path, at: commit), followingLinks: false)?.isLink ?? true) {
                    folders.append(text)
                }
            }
        }
        return found.sorted()
    }

    private static let mostFiles = 200_000

    /// The files that downloads have left that were broken off.
    var partialFiles: [String] {
        CacheIO.entries(of: "\(folder)/blobs").filter { $0.hasSuffix(".incomplete") }.map(blob)
    }

    /// Marks the cache for backups, which can leave it out (the Cache Directory Tagging Specification).
    func tag() {
        let path = "\(root)/CACHEDIR.TAG"
        guard !CacheIO.exists(path) else { return }
        let text = """
            Signature: 8a477f597d28d172789f06886806bc55
            # This file is a cache directory tag created by huggingface_hub.
            # For information about cache directory tags, see:
            #	https://bford.info/cachedir/

            """
        do throws(HubError) { try CacheIO.write(Array(text.utf8), to: path) } catch {}
    }
}
