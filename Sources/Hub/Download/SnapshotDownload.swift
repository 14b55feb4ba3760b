#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Brings the files of a revision that a task needs into the cache.
struct SnapshotDownload: Sendable {
    let client: HubClient
    let cache: RepositoryCache
    let reference: HubReference
    let purpose: FileSelection.Purpose
    let gguf: String?
    let progress: any DownloadProgress

    /// - Parameter maxAttempts: requests for the list of files in all; nil for as many as the limits say
    /// - Returns: the folder of the commit
    /// - Throws: ``HubError``, or `CancellationError`
    func run(maxAttempts: Int?) async throws -> CachedSnapshot {
        let listing = try await client.listing(reference, maxAttempts: maxAttempts)
        let selection: FileSelection
        do throws(HubError) {
            selection = try FileSelection(of: listing.names, for: purpose, gguf: gguf)
        } catch {
            throw HubError(error.code, "\(reference) \(error.message)")
        }
        // The weights come last: where they are, all else is.
        try await download(selection.files, of: listing)
        try await download(selection.moduleWeights, of: listing)
        let weights = try self.weights(of: selection, in: listing)
        try await download(weights, of: listing)
        try check(selection.files + selection.moduleWeights + weights, at: listing.commit)
        noteAbsences(of: listing)
        try note(listing.commit)
        return CachedSnapshot(selection, of: listing.commit, in: cache)
    }

    /// Tells whether all files are still there: somebody may remove a model while it is downloaded.
    private func check(_ paths: [RepositoryPath], at commit: Commit) throws(HubError) {
        for path in paths where !CacheIO.exists(cache.pointer(path, at: commit)) {
            throw HubError(
                .unusableCache,
                "\(cache.pointer(path, at: commit)): was removed while \(reference) was downloaded; try again")
        }
    }

    private func weights(of selection: FileSelection, in listing: RepositoryListing) throws -> [RepositoryPath] {
        switch selection.weights {
        case .files(let files): return files
        case .none: return []
        case .sharded(let index):
            let path = cache.pointer(index, at: listing.commit)
            guard let bytes = CacheIO.read(path, atMost: client.limits.maxIndexBytes) else {
                throw HubError(.unusableCache, "\(path): cannot be read, or is larger than any index")
            }
            let shards = try ShardIndex.shards(bytes, of: index)
            let present = Set(listing.names)
            if let missing = shards.first(where: { !present.contains($0) }) {
                throw HubError(.entryNotFound, "\(reference) has no \(missing), which its \(index) names")
            }
            return shards
        }
    }

    /// Downloads files, several at a time, the largest first.
    private func download(_ paths: [RepositoryPath], of listing: RepositoryListing) async throws {
        let missing = paths.map { path in
            FileDownload(
                client: client, cache: cache, reference: reference, commit: listing.commit, path: path,
                listedSize: listing.sizes[path], progress: progress)
        }.filter { !$0.isPresent }.sorted { ($0.listedSize ?? 0, $0.path) > ($1.listedSize ?? 0, $1.path) }
        // A cache that has all of them is not written, so that it may be one that can only be read.
        guard !missing.isEmpty else { return }
        try CacheIO.createFolder(cache.root)
        cache.tag()
        let bytes = CacheIO.sum(missing.map { $0.listedSize ?? 0 })
        try checkRoom(for: bytes)
        progress.report(.announced(files: missing.count, bytes: bytes))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, file) in missing.enumerated() {
                if index >= max(1, client.limits.parallelFiles) { _ = try await group.next() }
                group.addTask { try await file.run() }
            }
            try await group.waitForAll()
        }
    }

    /// Refuses what does not fit before it is begun. What the system does not tell is no reason.
    private func checkRoom(for bytes: Int) throws {
        var status = statvfs()
        guard statvfs(cache.root, &status) == 0 else { return }
        let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        // Files that were begun have a part of it already.
        let missing = bytes - min(bytes, CacheIO.sum(cache.partialFiles.compactMap { CacheIO.status($0)?.size }))
        guard !overflow, missing > Int(clamping: free) else { return }
        throw HubError(
            .diskFull,
            "\(cache.root): \(reference) needs \(ByteText.of(missing)), but only \(ByteText.of(Int(clamping: free))) are "
                + "free; make room (`penstock list`, `penstock remove`), or set HF_HUB_CACHE to a folder on another disk"
        )
    }

    /// Files that `transformers` asks for and that are not in all repositories. Whoever finds a note does not ask again.
    private static let optional = [
        "added_tokens.json", "special_tokens_map.json", "tokenizer_config.json", "tokenizer.json",
        "chat_template.jinja",
        "chat_template.json", "generation_config.json", "preprocessor_config.json", "processor_config.json",
        "adapter_config.json", "config_sentence_transformers.json", "sentence_bert_config.json", "modules.json",
        "model.safetensors", "model.safetensors.index.json",
    ]

    private func noteAbsences(of listing: RepositoryListing) {
        let present = Set(listing.names)
        for path in Self.optional.compactMap(RepositoryPath.init) where !present.contains(path) {
            cache.noteAbsence(of: path, at: listing.commit)
        }
    }

    /// Notes the commit at the end, so that a revision stands for what is complete. A cache that may only be read has all
    /// files already; that it cannot be noted hurts nobody.
    private func note(_ commit: Commit) throws {
        do throws(HubError) {
            try cache.note(commit, for: reference.revision)
        } catch  where error.code == .readOnlyCache {}
    }
}
