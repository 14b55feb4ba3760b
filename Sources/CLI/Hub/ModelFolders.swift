import PenstockCheckpoints
import PenstockFiles
import PenstockHub
import PenstockPipelines

/// Where the files of a model are: in its folder, and if that is an adapter, in the folder of its base.
struct ModelFolders {
    /// The folder of the model.
    let directory: String
    /// The folder of the base; nil if the model is none, or tells it as a path.
    private(set) var adapterBase: String?

    /// A folder that nothing is known of.
    init(directory: String) { self.directory = directory }

    /// Downloads what is not in the cache: the model, and the base that an adapter names.
    ///
    /// - Throws: `HubError`, or `CancellationError`
    init(of location: ModelLocation, progress: () -> any DownloadProgress) async throws {
        directory = try await location.resolve(progress: progress)
        guard let base = Self.base(of: directory, at: location) else { return }
        var place = try ModelLocation(base.name)
        if case .hub = place, let revision = base.revision { place = try ModelLocation("\(base.name)@\(revision)") }
        adapterBase = try await place.resolve(progress: progress)
    }

    /// What a model is loaded with from here.
    func options(_ options: LoadOptions) -> LoadOptions {
        var options = options
        options.adapterBase = adapterBase
        return options
    }

    /// The base that an adapter names. A folder of the user that holds a model beside the adapter is its own base; that
    /// is known when it is loaded, and so is what is wrong with an adapter.
    private static func base(of directory: String, at location: ModelLocation) -> AdapterBase? {
        if case .folder = location, (try? FileStatus.ifPresent("\(directory)/config.json")) != nil { return nil }
        return try? AdapterBase(ofAdapterIn: directory)
    }
}
