import PenstockCheckpoints
import PenstockFiles
import PenstockHub
import PenstockPipelines
import PenstockServing

extension ModelFolders {
    /// Downloads what is not in the cache: the model, and the base that an adapter names.
    ///
    /// - Parameters:
    ///   - gguf: the file, or the kind of its numbers, that is wanted of several GGUF files
    ///   - basesArePaths: whether the base may be a path of this machine; if not, it is an id of the Hub
    /// - Throws: `HubError`, or `CancellationError`
    init(
        of location: ModelLocation, gguf: String? = nil, basesArePaths: Bool = true,
        progress: () -> any DownloadProgress
    ) async throws {
        let directory = try await location.resolve(gguf: gguf, progress: progress)
        guard let base = Self.base(of: directory, at: location) else {
            self.init(directory: directory)
            return
        }
        let place = try Self.place(of: base, mayBePath: basesArePaths)
        self.init(directory: directory, adapterBase: try await place.resolve(progress: progress))
    }

    /// - Throws: `HubError`, which is about a file and not about what a user has typed
    private static func place(of base: AdapterBase, mayBePath: Bool) throws(HubError) -> ModelLocation {
        do throws(HubError) {
            let place = mayBePath ? try ModelLocation(base.name) : .hub(try HubReference(base.name))
            guard case .hub = place, let revision = base.revision else { return place }
            return .hub(try HubReference("\(base.name)@\(revision)"))
        } catch {
            throw HubError(.noModel, error.message)
        }
    }

    /// The options of a model that is loaded from here.
    func options(_ options: LoadOptions) -> LoadOptions {
        var options = options
        options.adapterBase = adapterBase
        return options
    }

    /// The base that an adapter names; nil for a model. A folder of the user that holds a model beside the adapter is its own
    /// base; that is known when it is loaded, and so is what is wrong with an adapter.
    static func base(of directory: String, at location: ModelLocation) -> AdapterBase? {
        if case .folder = location, (try? FileStatus.ifPresent("\(directory)/config.json")) != nil { return nil }
        return try? AdapterBase(ofAdapterIn: directory)
    }
}
