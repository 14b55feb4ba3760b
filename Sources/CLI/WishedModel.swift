import PenstockFiles
import PenstockHTTP
import PenstockHub
import PenstockServing

/// A model that an administrator wants, as the server's settings allow it.
struct WishedModel: Sendable {
    /// The directory in which models may be; nil if they come from the Hub alone.
    let root: String?
    /// The settings that it shares with the server's other models.
    let loading: LoadingOptions
    let gate: GateOptions
    let progress: @Sendable () -> any DownloadProgress

    /// Returns the source of the model, and how it is served.
    ///
    /// A path is below the root, relative to it if it is not absolute; an id of the Hub is one unless there is such a
    /// directory.
    ///
    /// - Throws: `ModelRefusal` for what is outside of the root, or neither
    func source(of wish: ModelWish) throws(ModelRefusal) -> ModelSource {
        var options = loading.options
        options.dtype = wish.dtype ?? options.dtype
        var serving = gate.configuration
        serving.weight = wish.weight ?? 1
        var source = ModelSource(
            name: wish.name, directory: wish.model, task: wish.task, loading: options, serving: serving)
        source.isPinned = wish.isPinned
        if let directory = try directory(wish.model) {
            source.directory = directory
            source.confinement = root
            source.adapterBase = try adapterBase(of: directory)
            return source
        }
        let reference: HubReference
        do {
            reference = try HubReference(wish.model)
        } catch {
            throw ModelRefusal(.unusable, error.message)
        }
        // Blobs, too, lie in the cache.
        source.confinement = (try? HubSettings.ofProcess())?.cache
        let progress = progress
        source.fetch = {
            do {
                return try await ModelFolders(of: .hub(reference), basesArePaths: false, progress: progress)
            } catch let error as HubError {
                throw ModelRefusal(error)
            }
        }
        return source
    }

    /// The directory of the base of an adapter, which has to be below the root, too; nil for a model.
    ///
    /// - Throws: `ModelRefusal`, the same for a base outside of the root as for one that is nowhere, so that an adapter
    ///   cannot find out what is there
    private func adapterBase(of directory: String) throws(ModelRefusal) -> String? {
        let base = FileConfinement.$current.withValue(root.map { FileConfinement(to: $0) }) {
            ModelFolders.base(of: directory, at: .folder(directory))
        }
        guard let base else { return nil }
        if let found = try? self.directory(base.name) { return found }
        throw ModelRefusal(
            .missing, "it is an adapter of \(base.name.shown), which is no directory in the --model-root")
    }

    /// The directory that a text names; nil if it names none, and may be an id.
    private func directory(_ text: String) throws(ModelRefusal) -> String? {
        let isPath = ["/", ".", "~"].contains { text.hasPrefix($0) } || ModelLocation.isFileName(text)
        guard let root else {
            guard isPath else { return nil }
            throw ModelRefusal(.forbidden, "the server has no --model-root, so that models come from the Hub alone")
        }
        let path = text.hasPrefix("/") ? text : "\(root)/\(text)"
        guard let real = FileConfinement.realPath(path), let realRoot = FileConfinement.realPath(root) else {
            guard isPath else { return nil }
            throw ModelRefusal(.missing, "there is no directory \(text.shown) in the --model-root")
        }
        guard real != realRoot, FileConfinement(to: root).contains(real) else {
            throw ModelRefusal(.forbidden, "\(text.shown) is outside of the --model-root")
        }
        return real
    }
}

extension ModelRefusal {
    /// The refusal of a model that the Hub does not give.
    package init(_ error: HubError) {
        let reason: Reason =
            switch error.code {
            case .repositoryNotFound, .revisionNotFound, .entryNotFound, .offline: .missing
            case .unreachable, .rateLimited: .unreachable
            default: .unusable
            }
        self.init(reason, error.message)
    }
}
