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
    /// A commit that is in the cache is taken from there if it has a tokenizer, and the cache knows of all files on which
    /// answers depend: Python may have fetched weights alone. Of a branch or a tag the Hub is asked which commit it
    /// stands for. If it does not answer, or a download fails, what the cache has is taken, as huggingface_hub does; but
    /// not without a modules.json that the commit has, since embeddings would be others.
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
        guard !settings.isOffline else {
            guard let cached, !cached.gaps.lacksModules else { throw offline(reference, lacking: cached) }
            note(cached, of: reference)
            return cached
        }
        if let cached, reference.isCommit, cached.hasTokenizer, cached.gaps.isEmpty, !comparesSizes { return cached }
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
                guard !cached.gaps.lacksModules else {
                    throw HubError(
                        error.code,
                        "\(error.message). The cache \(cache.root) has \(Self.found(reference, in: cache, cached))")
                }
                progress.report(.note("\(reference) is taken from the cache as it is: \(error.message)"))
                note(cached, of: reference)
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
    ///
    /// - Parameter cached: what the cache has of it, if that is nearly all
    func offline(_ reference: HubReference, lacking cached: CachedSnapshot? = nil) -> HubError {
        let cache = RepositoryCache(root: settings.cache, id: reference.id)
        let found = Self.found(reference, in: cache, cached)
        return HubError(
            .offline,
            "HF_HUB_OFFLINE is set, and the cache \(cache.root) has \(found); unset it, or "
                + "`penstock pull \(reference)` where there is a network\(nearNames(reference.id))")
    }

    /// Tells what is not known of a model that is taken as it is.
    private func note(_ cached: CachedSnapshot, of reference: HubReference) {
        if !cached.gaps.missing.isEmpty {
            let names = cached.gaps.missing.map(\.description).joined(separator: ", ")
            progress.report(.note("\(reference) is taken from the cache without \(names), which it has on the Hub"))
        }
        if cached.mayBeSentenceModel {
            progress.report(
                .note(
                    "\(reference) is taken from the cache, which does not say whether it has a modules.json on the Hub; "
                        + "without one it gives a vector for each token"))
        }
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
    private static func found(
        _ reference: HubReference, in cache: RepositoryCache, _ cached: CachedSnapshot? = nil
    ) -> String {
        guard CacheIO.exists(cache.folder) else { return "nothing of \(reference.id)" }
        guard let commit = cache.commit(of: reference.revision) else {
            let known = CacheIO.entries(of: "\(cache.folder)/refs").prefix(5).joined(separator: ", ")
            return known.isEmpty
                ? "only a part of \(reference.id)"
                : "no revision \(HubError.quoted(reference.revision)) of \(reference.id), but: \(known)"
        }
        let files = cache.files(of: commit)
        guard !files.isEmpty else { return "no files of \(reference)" }
        let missing = cached?.gaps.missing.map(\.description).joined(separator: ", ")
        return "only a part of \(reference): \(files.count) files, "
            + (missing.map { "without \($0)" } ?? "not all that are needed")
    }
}
