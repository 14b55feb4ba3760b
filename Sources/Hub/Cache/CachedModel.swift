/// A model repository in a cache.
package struct CachedModel: Sendable {
    /// A commit of it.
    package struct Revision: Sendable {
        /// The hash.
        package let commit: Commit
        /// Branches and tags that stand for it here.
        package let references: [String]
        /// Its files.
        package let files: [File]
        /// The folder with its files.
        package let folder: String

        /// Bytes of its blobs, each counted once.
        package var bytes: Int { CachedModel.bytes(of: files) }
        /// When any of its files was read last, by the file system: seconds since 1970. File systems note it once a day.
        package var lastUse: Int { files.map(\.lastUse).max() ?? 0 }
    }

    /// A file of a commit.
    package struct File: Sendable {
        /// Its path in the repository.
        package let path: RepositoryPath
        /// The file that its bytes are in: the blob that a link leads to at first, or the file itself where there is no
        /// link.
        package let blob: String
        /// True if it is a link.
        package let isLink: Bool
        /// Bytes.
        package let bytes: Int
        /// Seconds since 1970.
        package let lastUse: Int
    }

    /// The cache that it is in.
    package let cache: RepositoryCache
    /// The commits, those that were used last first.
    package let revisions: [Revision]

    /// The repository.
    package var id: RepositoryID { cache.id }
    /// Bytes of all blobs, each counted once.
    package var bytes: Int { Self.bytes(of: revisions.flatMap(\.files)) }

    /// True if there is anything of it, be it a download that was broken off.
    package var exists: Bool { CacheIO.exists(cache.folder) }

    /// All models in a cache, in the order of their ids. What is no model's folder is passed over, and so is a repository
    /// without any commit.
    package static func all(in root: String) -> [CachedModel] {
        RepositoryCache.ids(in: root).map { CachedModel(RepositoryCache(root: root, id: $0)) }
            .filter { !$0.revisions.isEmpty }
    }

    /// Tells a cache without models from what is none, which ``all(in:)`` does not.
    ///
    /// - Throws: ``HubError`` if there is something that is no folder, or cannot be read
    package static func check(_ root: String) throws(HubError) { try CacheIO.checkCache(root) }

    package init(_ cache: RepositoryCache) {
        self.cache = cache
        let references = Self.references(in: cache)
        revisions = CacheIO.entries(of: "\(cache.folder)/snapshots").compactMap(Commit.init).map { commit in
            Revision(
                commit: commit, references: references[commit] ?? [],
                files: cache.files(of: commit).compactMap { Self.file($0, at: commit, in: cache) },
                folder: cache.snapshot(commit))
        }.sorted { ($0.lastUse, $0.commit.description) > ($1.lastUse, $1.commit.description) }
    }

    private static func bytes(of files: [File]) -> Int {
        CacheIO.sum(Dictionary(files.map { ($0.blob, $0.bytes) }) { first, _ in first }.values)
    }

    private static func file(_ path: RepositoryPath, at commit: Commit, in cache: RepositoryCache) -> File? {
        let pointer = cache.pointer(path, at: commit)
        guard let status = CacheIO.status(pointer) else { return nil }
        // The first step only: the blob may itself be a link into the store that all repositories share.
        let target = CacheIO.target(ofLink: pointer)
        let blob = target.map { LinkPath.resolved($0, from: pointer) } ?? pointer
        return File(path: path, blob: blob, isLink: target != nil, bytes: status.size, lastUse: status.lastUse)
    }

    /// The names below `refs` by their commits; those of pull requests lie in folders.
    private static func references(in cache: RepositoryCache) -> [Commit: [String]] {
        var found: [Commit: [String]] = [:]
        var folders = [("", 0)]
        while let (folder, depth) = folders.popLast(), found.count < 10_000 {
            for name in CacheIO.entries(of: cache.reference(folder)) {
                if CacheIO.isTemporary(name) { continue }
                let revision = folder.isEmpty ? name : "\(folder)/\(name)"
                guard let status = CacheIO.status(cache.reference(revision), followingLinks: false) else { continue }
                if status.isFolder {
                    if depth < 8 { folders.append((revision, depth + 1)) }
                } else if let commit = cache.commit(of: revision) {
                    found[commit, default: []].append(revision)
                }
            }
        }
        return found.mapValues { $0.sorted() }
    }
}

/// Paths that links say.
enum LinkPath {
    /// The path that a link's text leads to, by the text alone.
    static func resolved(_ target: String, from link: String) -> String {
        if target.hasPrefix("/") { return normalized(target) }
        return normalized("\(CacheIO.parent(of: link) ?? "")/\(target)")
    }

    /// A path without `.`, `..` and empty parts.
    static func normalized(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        var parts: [Substring] = []
        // Bytes decide: a slash under a combining mark is a slash.
        for part in path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init) where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
    }
}
