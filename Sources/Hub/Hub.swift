import PenstockJSON

/// The Hub together with its cache: the one place that decides between the two.
package struct Hub: Sendable {
    let settings: HubSettings
    let clock: HubClock
    let progress: any DownloadProgress

    package init(settings: HubSettings, clock: HubClock = .system, progress: any DownloadProgress = SilentProgress()) {
        (self.settings, self.clock, self.progress) = (settings, clock, progress)
    }

    /// The files of a revision that a task needs, in the cache.
    ///
    /// A commit that is in the cache is taken from there if it has a tokenizer: Python may have fetched weights alone.
    /// Of a branch or a tag the Hub is asked which commit it stands for. If it does not answer, or a download fails,
    /// what the cache has is taken, as huggingface_hub does.
    ///
    /// - Parameter comparesSizes: whether the Hub is asked also of a commit that is in the cache, so that files are fetched
    ///   again that were cut off
    /// - Throws: ``HubError``, or `CancellationError`
    package func snapshot(
        of reference: HubReference, for purpose: FileSelection.Purpose = .model, gguf: String? = nil,
        comparesSizes: Bool = false
    ) async throws -> CachedSnapshot {
        let cache = RepositoryCache(root: settings.cache, id: reference.id)
        let cached = CachedSnapshot.find(reference, in: cache, for: purpose, gguf: gguf)
        let asksNobody = reference.isCommit && cached?.hasTokenizer == true && !comparesSizes
        if let cached, settings.isOffline || asksNobody { return cached }
        guard !settings.isOffline else { throw offline(reference) }
        do {
            return try await HTTPTransport.with(settings, clock) { transport in
                let client = HubClient(settings: settings, transport: transport, clock: clock, progress: progress)
                let download = SnapshotDownload(
                    client: client, cache: cache, reference: reference, purpose: purpose, gguf: gguf, progress: progress
                )
                // Whoever has the model in the cache does not wait long for news.
                return try await download.run(maxAttempts: cached == nil ? nil : 1)
            }
        } catch let error as HubError {
            if let cached, Self.allowsCached(error) {
                progress.report(.note("\(reference) is taken from the cache as it is: \(error.message)"))
                return cached
            }
            switch error.code {
            case .unreachable:
                throw HubError(
                    .unreachable,
                    "\(error.message). The cache \(cache.root) has \(Self.found(reference, in: cache))"
                        + nearNames(reference.id))
            case .repositoryNotFound: throw HubError(error.code, error.message + nearNames(reference.id))
            default: throw error
            }
        }
    }

    /// The error of what needs a network that must not be used.
    func offline(_ reference: HubReference) -> HubError {
        let cache = RepositoryCache(root: settings.cache, id: reference.id)
        return HubError(
            .offline,
            "HF_HUB_OFFLINE is set, and the cache \(cache.root) has \(Self.found(reference, in: cache)); unset it, or "
                + "`penstock pull \(reference)` where there is a network\(nearNames(reference.id))")
    }

    /// Asks whether a model of the cache was meant that has nearly the name.
    func nearNames(_ id: RepositoryID) -> String {
        let cached = RepositoryCache.ids(in: settings.cache).filter { $0 != id }.map(\.description)
        return NearNames.question(id.description, among: cached)
    }

    /// Tells whether a failure says nothing against what is in the cache.
    private static func allowsCached(_ error: HubError) -> Bool {
        switch error.code {
        case .gated, .repositoryNotFound, .unauthorized, .unreachable, .rateLimited, .refused, .malformedAnswer,
            .corrupted,
            .diskFull, .readOnlyCache:
            true
        default: false
        }
    }

    /// Returns what the cache has of a model, in words.
    private static func found(_ reference: HubReference, in cache: RepositoryCache) -> String {
        guard CacheIO.exists(cache.folder) else { return "nothing of \(reference.id)" }
        guard let commit = cache.commit(of: reference.revision) else {
            let known = CacheIO.entries(of: "\(cache.folder)/refs").prefix(5).joined(separator: ", ")
            return known.isEmpty
                ? "only a part of \(reference.id)"
                : "no revision \(HubError.quoted(reference.revision)) of \(reference.id), but: \(known)"
        }
        let files = cache.files(of: commit)
        return files.isEmpty
            ? "no files of \(reference)" : "only a part of \(reference): \(files.count) files, not all that are needed"
    }
}
