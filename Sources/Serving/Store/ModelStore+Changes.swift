import Metrics
import PenstockPipelines

/// Changes while others serve.
extension ModelStore {
    /// A model that was ordered, and who waits for it.
    package struct Ordered: Sendable {
        /// True if there was none of its name.
        package let isNew: Bool
        /// Waits until the model is there.
        ///
        /// Throws why it cannot be loaded, and `CancellationError` when the task is cancelled meanwhile; the load goes on then.
        /// To be called once.
        package let arrival: @Sendable () async throws -> ServedModel
    }

    /// Has a model loaded, beside or instead of one of its name, which serves until then. One that is there already, or waits for
    /// room, is only given its weight and its pin.
    ///
    /// - Throws: ``ServingError`` if the model is being loaded and does not wait for room, or the server goes down.
    package func order(_ source: ModelSource) throws(ServingError) -> Ordered {
        enum Decision { case refused(ServingError), there(ServedModel, Int), ordered(isNew: Bool, Int) }
        let name = source.name
        let decision = contents.withLock { contents -> Decision in
            if contents.isDraining { return .refused(.shuttingDown) }
            if contents.roster.isBusy(name) { return .refused(.modelBusy) }
            let isNew = contents.entries[name] == nil
            let isSame = contents.adjust(source)
            if isSame, contents.roster.waitsForRoom(name) {
                // It keeps its place among those that wait.
                contents.roster.order(name, needsFiles: false, makesRoom: true)
                return .ordered(isNew: false, contents.waiters.expect(for: name))
            }
            if isSame,
                case .use(let stay) = contents.roster.admit(name, needsFiles: false, at: .now),
                let loaded = contents.entries[name]?.loaded
            {
                return .there(loaded.model, stay)
            }
            _ = contents.accept(source, makesRoom: true, in: metrics)
            return .ordered(isNew: isNew, contents.waiters.expect(for: name))
        }
        work.ring()
        room.ring()
        switch decision {
        case .refused(let error): throw error
        case .there(let model, let stay):
            model.change(weight: source.serving.weight)
            let used = used(model, stay)
            return Ordered(isNew: false) { used }
        case .ordered(let isNew, let number):
            return Ordered(isNew: isNew) { [self] in try await wait(number) }
        }
    }

    /// The changes that a configuration made that was read again.
    package struct Changes: Sendable, Equatable {
        /// Those that are to be loaded, also in the place of one of their name.
        package var ordered: [String] = []
        /// Those that have another weight or pin.
        package var adjusted: [String] = []
        /// Those that are served no longer.
        package var removed: [String] = []

        /// Names of models, each list in the order in which they were changed.
        package init(ordered: [String] = [], adjusted: [String] = [], removed: [String] = []) {
            (self.ordered, self.adjusted, self.removed) = (ordered, adjusted, removed)
        }
    }

    /// Follows a configuration that was read again. Models that it has never named stay, and so do those that were changed
    /// otherwise, as long as it says of them what it said before.
    package func follow(_ sources: [ModelSource]) -> Changes {
        let (changes, models, gone) = contents.withLock { contents in
            let (changes, gone) = contents.follow(sources, in: metrics)
            let models = changes.adjusted.compactMap { contents.entries[$0]?.loaded?.model }
            return (changes, models, gone)
        }
        for model in models {
            guard let source = sources.first(where: { $0.name == model.name }) else { continue }
            model.change(weight: source.serving.weight)
        }
        for removed in gone { finish(removed) }
        work.ring()
        room.ring()
        return changes
    }
}

extension StoreContents {
    /// Gives a known model another weight and pin, if a source names the same model with the same settings otherwise.
    ///
    /// - Returns: whether it does.
    mutating func adjust(_ source: ModelSource) -> Bool {
        let name = source.name
        guard let known = entries[name]?.next, known.isSame(as: source), !roster.hasFailed(name) else { return false }
        entries[name]?.source?.serving.weight = source.serving.weight
        entries[name]?.successor?.serving.weight = source.serving.weight
        entries[name]?.source?.isPinned = source.isPinned
        entries[name]?.successor?.isPinned = source.isPinned
        roster.add(name, isPinned: source.isPinned)
        return true
    }

    /// Follows a configuration. Returns also what the models had that are removed.
    mutating func follow(
        _ sources: [ModelSource], in metrics: any MetricsFactory
    ) -> (ModelStore.Changes, gone: [Removed]) {
        var (changes, gone) = (ModelStore.Changes(), [Removed]())
        let former = configured
        configured = Dictionary(sources.map { ($0.name, $0) }) { first, _ in first }
        for name in former.keys.sorted() where configured[name] == nil {
            guard let removed = remove(name) else { continue }
            gone.append(removed)
            changes.removed.append(name)
        }
        for source in sources {
            let name = source.name
            if let before = former[name], before.isSame(as: source), entries[name] != nil,
                !roster.hasFailed(name)
            {
                let isEqual = (before.serving.weight, before.isPinned) == (source.serving.weight, source.isPinned)
                if !isEqual, adjust(source) { changes.adjusted.append(name) }
            } else if adjust(source) {
                changes.adjusted.append(name)
            } else {
                _ = accept(source, makesRoom: false, in: metrics)
                changes.ordered.append(name)
            }
        }
        roster.sort(first: sources.map(\.name))
        return (changes, gone)
    }
}
