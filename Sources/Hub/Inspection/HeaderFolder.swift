#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder with what tells of a model, and not the model: configurations, and of safetensors the header before a hole as
/// large as the tensors. So it is read like the model itself, up to the numbers.
package final class HeaderFolder: Sendable {
    /// The path of the folder.
    package let path: String
    /// The commit that it is of.
    package let commit: Commit
    /// The weights that have no headers in front, with their bytes as far as the Hub tells them.
    package let opaqueWeights: [(path: RepositoryPath, bytes: Int?)]

    fileprivate init(path: String, commit: Commit, opaqueWeights: [(path: RepositoryPath, bytes: Int?)]) {
        (self.path, self.commit, self.opaqueWeights) = (path, commit, opaqueWeights)
    }

    deinit { do throws(HubError) { try TreeRemoval.run(path) } catch {} }
}

/// Fetches no more of a model than its headers.
struct HeaderDownload: Sendable {
    let client: HubClient
    let reference: HubReference

    /// Bytes of the largest file that is fetched whole, but for indices of shards.
    private static let largestFile = 4 << 20
    /// The limit of the reference implementation of safetensors.
    private static let largestHeader = 100_000_000
    /// The bytes that are asked for first: most headers are no longer.
    private static let firstBytes = 1 << 16

    /// - Throws: ``HubError``, or `CancellationError`
    func run() async throws -> HeaderFolder {
        let listing = try await client.listing(reference)
        let selection: FileSelection
        do throws(HubError) {
            selection = try FileSelection(of: listing.names)
        } catch {
            throw HubError(error.code, "\(reference) \(error.message)")
        }
        let folder = try Self.temporaryFolder()
        do {
            let weights = try await fill(folder, selection, listing)
            let opaque = weights.filter { !$0.name.hasSuffix(".safetensors") }.map { ($0, listing.sizes[$0]) }
            return HeaderFolder(path: folder, commit: listing.commit, opaqueWeights: opaque)
        } catch {
            do throws(HubError) { try TreeRemoval.run(folder) } catch {}
            throw error
        }
    }

    /// - Returns: the files with the weights
    private func fill(
        _ folder: String, _ selection: FileSelection, _ listing: RepositoryListing
    ) async throws -> [RepositoryPath] {
        try await forEach(selection.files) { path in
            // A vocabulary tells no more here than its size does.
            let isWhole = path.name.hasSuffix(".index.json") || !Self.vocabularies.contains(path.name)
            try await put(path, of: listing, into: folder) { size in isWhole ? size : 0 }
        }
        var weights = selection.moduleWeights
        switch selection.weights {
        case .files(let files): weights += files
        case .sharded(let index):
            let bytes = CacheIO.read("\(folder)/\(index)", atMost: client.limits.maxIndexBytes) ?? []
            weights += try ShardIndex.shards(bytes, of: index)
        case .none: break
        }
        try await forEach(weights.filter { $0.name.hasSuffix(".safetensors") }) { path in
            try await put(path, of: listing, into: folder) { size in min(size, Self.firstBytes) }
        }
        return weights
    }

    private static let vocabularies: Set<String> = ["tokenizer.json", "vocab.txt", "vocab.json", "merges.txt"]

    /// Does something for each file, several at a time.
    private func forEach(
        _ paths: [RepositoryPath], _ body: @Sendable @escaping (RepositoryPath) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, path) in paths.enumerated() {
                if index >= max(1, client.limits.parallelFiles) { _ = try await group.next() }
                group.addTask { try await body(path) }
            }
            try await group.waitForAll()
        }
    }

    /// Puts a file into the folder: its start, and a hole for the rest.
    ///
    /// - Parameter wanted: the bytes to fetch of so many; a header of safetensors is fetched to its end
    private func put(
        _ path: RepositoryPath, of listing: RepositoryListing, into folder: String, wanted: (_ size: Int) -> Int
    ) async throws {
        var size = listing.sizes[path]
        if size == nil { size = try await client.metadata(path, of: reference, at: listing.commit).size }
        guard let size else {
            throw HubError(.malformedAnswer, "the Hub does not tell how large \(path) is; pull the model to look at it")
        }
        var count = wanted(size)
        let isHeader = path.name.hasSuffix(".safetensors")
        let limit = path.name.hasSuffix(".index.json") ? client.limits.maxIndexBytes : Self.largestFile
        guard isHeader || count <= limit else {
            throw HubError(.malformedAnswer, "\(path) has \(ByteText.of(count)), which no such file needs")
        }
        var bytes = try await read(path, at: listing.commit, count)
        if isHeader, size >= 8 {
            let header = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard header <= Self.largestHeader, 8 + Int(header) <= size else {
                throw HubError(.corrupted, "\(path) is no safetensors file: its header would have \(header) bytes")
            }
            if 8 + Int(header) > bytes.count { bytes = try await read(path, at: listing.commit, 8 + Int(header)) }
            count = 8 + Int(header)
        }
        try Self.write(bytes.prefix(count), size: size, to: "\(folder)/\(path)")
    }

    /// The first bytes of a file.
    private func read(_ path: RepositoryPath, at commit: Commit, _ count: Int) async throws -> [UInt8] {
        guard count > 0 else { return [] }
        return try await client.retrying(RetryPolicy(client.limits)) {
            let metadata = try await client.requestMetadata(path, of: reference, at: commit)
            let answer = try await client.bytes(at: metadata.location, 0..<count, isWhole: false)
            // A server that knows no ranges sends all of it, of which the start is taken.
            guard answer.head.contentRange?.range.lowerBound ?? 0 == 0 else {
                throw TransferFailure.final(
                    HubError(.malformedAnswer, "\(metadata.location.origin) answers with another part of \(path)"))
            }
            let start = Start(count: count)
            try await client.transport.read(answer) { piece in await start.add(Array(piece.readableBytesView)) }
            let bytes = await start.bytes
            guard bytes.count == count else { throw TransferFailure.cut(bytes: bytes.count, of: count) }
            return bytes
        }
    }

    private actor Start {
        private let count: Int
        private(set) var bytes: [UInt8] = []

        init(count: Int) { self.count = count }

        /// Returns whether more is wanted.
        func add(_ piece: [UInt8]) -> Bool {
            bytes += piece.prefix(count - bytes.count)
            return bytes.count < count
        }
    }

    // MARK: Files

    private static func temporaryFolder() throws(HubError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let path = "\(parent)/penstock-\(CacheIO.suffix())\(CacheIO.suffix())"
        guard mkdir(path, 0o700) == 0 else { throw HubError.system(errno, path, "make the folder") }
        return path
    }

    private static func write(_ bytes: ArraySlice<UInt8>, size: Int, to path: String) throws(HubError) {
        if let parent = CacheIO.parent(of: path) { try CacheIO.createFolder(parent) }
        try CacheIO.write(Array(bytes), to: path)
        guard size > bytes.count else { return }
        guard truncate(path, off_t(size)) == 0 else { throw HubError.system(errno, path, "make the file") }
    }
}

extension Hub {
    /// Returns the files that tell of a model on the Hub, without the model.
    ///
    /// - Throws: ``HubError``, or `CancellationError`
    package func headers(of reference: HubReference) async throws -> HeaderFolder {
        guard !settings.isOffline else { throw offline(reference) }
        do {
            return try await HTTPTransport.with(settings, clock) { transport in
                let client = HubClient(settings: settings, transport: transport, clock: clock, progress: progress)
                return try await HeaderDownload(client: client, reference: reference).run()
            }
        } catch let error as HubError where error.code == .repositoryNotFound {
            throw HubError(error.code, error.message + nearNames(reference.id))
        }
    }

    /// The folder of a revision that is in the cache, whole; nil for any other. Nobody is asked.
    package func cachedFolder(of reference: HubReference) -> String? {
        CachedSnapshot.find(reference, in: RepositoryCache(root: settings.cache, id: reference.id), for: .model)?.folder
    }
}
