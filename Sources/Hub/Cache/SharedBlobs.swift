#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The store of blobs that all repositories of a cache share, which huggingface_hub 2 keeps for files of Xet: `blobs/ab/HASH`
/// has the bytes, blobs of repositories are links to it, and `HASH.refs` lists them (`_shared_blobs.py`).
///
/// Penstock reads through the links and adds none, since the store takes only what Xet has checked. When the last link is
/// removed, so are the bytes; whatever is in doubt stays.
struct SharedBlobs: Sendable {
    /// The cache, without a slash at its end.
    let root: String
    private var folder: String { "\(root)/blobs" }

    /// True if the folder is such a store, by its marker.
    private var isStore: Bool {
        CacheIO.text("\(folder)/.huggingface-shared-blobs", atMost: 16) == "1\n"
            && !(CacheIO.status(folder, followingLinks: false)?.isLink ?? true)
    }

    /// The bytes in the store that a repository's blob leads to; nil if it leads to none.
    func payload(of blob: String) -> String? {
        guard let target = CacheIO.target(ofLink: blob) else { return nil }
        let path = LinkPath.resolved(target, from: LinkPath.normalized(blob))
        let prefix = LinkPath.normalized(folder) + "/"
        guard path.hasPrefix(prefix), isStore else { return nil }
        let parts = path.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, Hexadecimal.isLower(String(parts[1]), count: 64), parts[0] == parts[1].prefix(2) else {
            return nil
        }
        return path
    }

    /// Removes bytes that no blob leads to any more, and forgets the blobs that are gone if some do.
    func sweep(_ payload: String) {
        // huggingface_hub makes the lock for all users of the cache.
        let path = "\(payload).lock"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { return }
        fchmod(descriptor, 0o666)
        close(descriptor)
        guard case .taken(let lock)? = try? FileLock.tryLock(path) else { return }
        defer { withExtendedLifetime(lock) {} }
        let list = "\(payload).refs"
        guard let status = CacheIO.status(list, followingLinks: false), status.isFile,
            let text = CacheIO.text(list, atMost: 16 << 20)
        else { return }
        let lines = text.split(separator: "\n").map(String.init)
        let valid = Set(lines.filter { leads($0, to: payload) }).sorted()
        if valid.isEmpty {
            guard CacheIO.status(payload, followingLinks: false)?.isFile ?? false else { return }
            unlink(payload)
            unlink(list)
        } else {
            try? CacheIO.write(Array(valid.map { $0 + "\n" }.joined().utf8), to: list)
            chmod(list, 0o666)
        }
    }

    /// Tells whether a line of a list, `models--org--name/blobs/ETAG`, is a blob that leads to the bytes.
    private func leads(_ line: String, to payload: String) -> Bool {
        let parts = line.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "blobs", !parts[2].isEmpty, parts[2] != "..", parts[0].contains("--") else {
            return false
        }
        return self.payload(of: "\(root)/\(line)") == payload
    }
}
