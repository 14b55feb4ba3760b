/// The place of a model: a folder of the user, or the Hub.
package enum ModelLocation: Sendable, Equatable {
    case folder(String)
    case hub(HubReference)

    private static let fileEndings = [".gguf", ".safetensors", ".bin", ".pt", ".pth"]

    /// Reads the place that a text names. A path that exists in the file system wins, as with `from_pretrained`; then
    /// `org/name@revision` is the Hub's, unless it ends as files of weights do. Anything else is a path, about which
    /// whoever loads it has more to say.
    ///
    /// - Throws: ``HubError`` of the code `invalidID` for what is neither
    package init(_ text: String) throws(HubError) {
        if CacheIO.exists(text) || Self.isPath(text) {
            self = .folder(text)
            return
        }
        do throws(HubError) {
            self = .hub(try HubReference(text))
        } catch {
            throw HubError(error.code, "\(error.message); and there is no such file or directory")
        }
    }

    /// The name by which the model is served if it is given none: the repository's id; nil for a folder, whose name is the
    /// last part of its path.
    package var name: String? { if case .hub(let reference) = self { reference.id.description } else { nil } }

    /// The path of the model, whose files are downloaded if they are not in the cache: a folder, or a GGUF file.
    ///
    /// Nothing of the network is set up for a folder, for a commit whose files are in the cache, nor with `HF_HUB_OFFLINE`.
    ///
    /// - Parameters:
    ///   - purpose: which files are needed
    ///   - gguf: the file, or the kind of its numbers, that is wanted of a repository or a folder of GGUF files
    ///   - settings: what the environment says; asked for only if the model is on the Hub
    ///   - progress: who is told how a download goes on, made only if the model is on the Hub
    /// - Throws: ``HubError``, or `CancellationError`
    package func resolve(
        for purpose: FileSelection.Purpose = .model, gguf: String? = nil,
        settings: () throws(HubError) -> HubSettings = HubSettings.ofProcess, clock: HubClock = .system,
        progress: () -> any DownloadProgress
    ) async throws -> String {
        switch self {
        case .folder(let path): return try Self.path(path, gguf)
        case .hub(let reference):
            let progress = progress()
            defer { progress.end() }
            let hub = Hub(settings: try settings(), clock: clock, progress: progress)
            return try await hub.snapshot(of: reference, for: purpose, gguf: gguf).model
        }
    }

    /// The path of a folder, or that of the GGUF file in it that is wished for; of one that is not there its own.
    private static func path(_ folder: String, _ wish: String?) throws(HubError) -> String {
        guard let wish, CacheIO.exists(folder) else { return folder }
        let choices = GGUFChoice.all(CacheIO.entries(of: folder).compactMap(RepositoryPath.init))
        let choice: GGUFChoice
        do throws(HubError) {
            choice = try GGUFChoice.best(of: choices, wish: wish)
        } catch {
            throw HubError(error.code, "\(folder) \(error.message)")
        }
        return choice.files.first.map { "\(folder)/\($0)" } ?? folder
    }

    /// Tells whether a text can only be a path. Bytes decide.
    private static func isPath(_ text: String) -> Bool {
        let bytes = text.utf8
        if bytes.first.map({ "/.~".utf8.contains($0) }) ?? false { return true }
        // An address is no path: the reader of ids says what to write instead.
        guard text.firstRange(of: "://") == nil else { return false }
        return bytes.last == UInt8(ascii: "/")
            || bytes.prefix { $0 != UInt8(ascii: "@") }.count { $0 == UInt8(ascii: "/") } > 1 || isFileName(text)
    }

    /// Tells whether a text ends as files of weights do. A repository that is called so is named with its revision.
    package static func isFileName(_ text: String) -> Bool {
        let text = text.lowercased()
        return fileEndings.contains { text.hasSuffix($0) }
    }
}
