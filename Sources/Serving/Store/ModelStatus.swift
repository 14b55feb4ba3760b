import PenstockPipelines

/// The status of a model in a store.
package struct ModelStatus: Sendable {
    /// Its name.
    package let name: String
    /// Its state.
    package var state: ModelStore.State
    /// The tasks that it can do, as far as they are known.
    package let tasks: [any TaskSteps.Type]
    /// True if it never makes room for others.
    package let isPinned: Bool
    /// The reason why it could not be loaded, without the directories of files; nil if it has not failed.
    package let failure: String?
    /// Its settings; nil for a model that was put in as it is and has left.
    package let serving: ServingConfiguration?
}

extension StoreContents {
    /// The states of all models, in the order in which they came.
    var statuses: [ModelStatus] { roster.names.compactMap(status) }

    /// The state of a model; nil if there is none of this name.
    func status(of name: String) -> ModelStatus? {
        guard let entry = entries[name] else { return nil }
        let state: ModelStore.State =
            if let loaded = entry.loaded, roster.takesRequests(name) {
                .ready(loaded.model)
            } else if roster.isOrdered(name) {
                roster.waitsForRoom(name) ? .waiting : .loading
            } else if let error = entry.error, roster.hasFailed(name) {
                .failed(error)
            } else {
                .unloaded
            }
        var failure: String?
        if case .failed(let error) = state {
            let source = entry.source
            let known = [source?.directory, source?.adapterBase, source?.loading.adapterBase, source?.confinement]
            failure = "\(error)".withoutDirectories(known: known.compactMap(\.self))
        }
        return ModelStatus(
            name: name, state: state, tasks: entry.tasks, isPinned: roster.isPinned(name), failure: failure,
            serving: entry.source?.serving ?? entry.loaded?.model.configuration)
    }
}
