/// Brings one file of a commit into the cache: its blob, and the link to it.
struct FileDownload: Sendable {
    let client: HubClient
    let cache: RepositoryCache
    let reference: HubReference
    let commit: Commit
    let path: RepositoryPath
    /// Bytes by the list of files, if it tells.
    let listedSize: Int?
    let progress: any DownloadProgress

    /// True if the file is in the cache, with all its bytes as far as the list tells how many they are.
    var isPresent: Bool {
        guard let status = CacheIO.status(cache.pointer(path, at: commit)) else { return false }
        return status.isFile && status.size == listedSize ?? status.size
    }

    /// - Throws: ``HubError``, or `CancellationError`
    func run() async throws {
        if isPresent { return progress.report(.finished(path)) }
        let metadata: FileMetadata
        do {
            metadata = try await client.metadata(path, of: reference, at: commit)
        } catch let error as HubError where error.code == .entryNotFound {
            cache.noteAbsence(of: path, at: commit)
            throw error
        }
        // Some mirrors answer HEAD with a length of zero, whatever the file.
        guard let size = metadata.size == 0 ? listedSize ?? 0 : metadata.size ?? listedSize else {
            throw HubError(
                .malformedAnswer, "the Hub does not tell the size of \(path); check HF_ENDPOINT and the proxy")
        }
        let etag = metadata.etag
        // The list of a mirror may tell other sizes.
        if Self.isWhole(cache.pointer(path, at: commit), size: size) { return progress.report(.finished(path)) }
        let lock = try await lock(etag)
        defer { withExtendedLifetime(lock) {} }
        if let folder = CacheIO.parent(of: cache.blob(etag)) { try CacheIO.createFolder(folder) }
        let isNew = !Self.isWhole(cache.blob(etag), size: size)
        if isNew {
            try await download(metadata, size: size, isAlone: lock != nil)
        } else {
            progress.report(.started(path, size: size, present: size))
        }
        try SnapshotLink.create(
            path, at: commit, to: etag, size: size, in: cache, isNew: isNew,
            usesLinks: client.settings.usesLinks)
        progress.report(.finished(path))
    }

    /// Tells whether a file is here with all its bytes. A blob may be a link into the store that all repositories
    /// share.
    private static func isWhole(_ path: String, size: Int) -> Bool {
        guard let status = CacheIO.status(path) else { return false }
        return status.isFile && status.size == size
    }

    /// Waits until nobody else downloads the blob. Nil where the file system knows no locks.
    private func lock(_ etag: String) async throws -> FileLock? {
        var hasTold = false
        while true {
            // Again each time: whoever waits may see the cache removed.
            if let folder = CacheIO.parent(of: cache.lock(etag)) { try CacheIO.createFolder(folder) }
            switch try FileLock.tryLock(cache.lock(etag)) {
            case .taken(let lock): return lock
            case .unsupported: return nil
            case .busy:
                if !hasTold { progress.report(.waiting(path)) }
                hasTold = true
                try await client.clock.sleep(client.limits.lockPause)
            }
        }
    }

    /// Downloads the blob, goes on with what somebody left, and puts it in its place if its bytes are right.
    ///
    /// - Parameter isAlone: whether nobody else can be writing to the same file; if not, it gets a name of its own, as
    ///   huggingface_hub 2 gives to all
    private func download(_ metadata: FileMetadata, size: Int, isAlone: Bool) async throws {
        let blob = cache.blob(metadata.etag)
        let partial = isAlone ? "\(blob).incomplete" : "\(blob).\(CacheIO.suffix()).incomplete"
        // A file with a name of its own is found by nobody, and would stay for ever.
        defer { if !isAlone { try? CacheIO.remove(partial) } }
        let file = try PrefixFile(path: partial, etag: metadata.etag, size: size)
        let transfer = BlobTransfer(
            client: client,
            location: BlobLocation(metadata) { try await client.metadata(path, of: reference, at: commit) },
            path: path, size: size, progress: progress)
        progress.report(.started(path, size: size, present: await file.count))
        for _ in 0..<client.limits.maxDownloads {
            try await transfer.fill(file)
            if await file.isRight { return try await file.finish(as: blob) }
            try await file.restart()
            progress.report(.restarted(path))
        }
        try? CacheIO.remove(partial)
        throw HubError(
            .corrupted,
            "the bytes of \(path) that came are not those of its hash; nothing of it is kept: try again, and check the proxy"
        )
    }
}
