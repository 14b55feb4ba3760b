import Metrics
import PenstockPipelines

/// The state that the lock of a store guards. Models and answers that its functions return are let go outside of the lock.
struct StoreContents: Sendable {
    /// A model in the store.
    struct Entry: Sendable {
        /// Its source; nil for one that was put in as it is.
        var source: ModelSource?
        /// The source of the one that is to take its place; nil if none is.
        var successor: ModelSource?
        /// True if it was ever loaded, so that another one does not take its place before it is loaded, too.
        var hasServed = false
        /// It, if it is loaded, and the number of its stay.
        var loaded: (model: ServedModel, stay: Int)?
        /// The error because of which it could not be loaded.
        var error: (any Error)?
        /// The tasks that it can do, as far as they are known.
        var tasks: [any TaskSteps.Type] = []
        /// Its metrics, also before it is there.
        let series: ModelSeries

        /// The source of the one that is loaded next.
        var next: ModelSource? { successor ?? source }
    }

    var roster = ModelRoster()
    var entries: [String: Entry] = [:]
    var waiters = LoadWaiters()
    /// True if the server goes down.
    var isLeaving = false
    /// True if requests get no models any more.
    var isDraining = false
    /// Models that a server starts with and of which it is not known yet whether they can be loaded.
    var starting: Set<String> = []

    /// The models that the server's configuration names, as it had them last.
    var configured: [String: ModelSource] = [:]
    /// True if a model was ever loaded.
    var hasEverServed = false

    /// Takes note of a model that is to be loaded, beside or instead of one of its name.
    ///
    /// - Returns: the number of the order.
    mutating func accept(
        _ source: ModelSource, makesRoom: Bool, in metrics: any MetricsFactory
    ) -> Int {
        let name = source.name
        var entry = entries[name] ?? Entry(series: ModelSeries(of: name, in: metrics))
        if entry.hasServed {
            entry.successor = source
        } else {
            entry.source = source
            roster.add(name, isPinned: source.isPinned)
        }
        entries[name] = entry
        roster.withdrawOrder(of: name)
        return roster.order(name, needsFiles: source.fetch != nil, makesRoom: makesRoom) ?? 0
    }

    /// Takes in a model that was loaded. Returns the one that had its place.
    mutating func install(
        _ model: ServedModel, order: Int, bytes: Int, at now: ContinuousClock.Instant
    ) -> (isWanted: Bool, former: ServedModel?) {
        let name = model.name
        guard roster.finish(name, order: order, bytes: bytes, users: waiters.count(for: name), at: now) else {
            return (false, nil)
        }
        let former = entries[name]?.loaded?.model
        if let source = entries[name]?.next {
            entries[name]?.source = source
            roster.add(name, isPinned: source.isPinned)
        }
        entries[name]?.successor = nil
        entries[name]?.loaded = (model, order)
        entries[name]?.hasServed = true
        hasEverServed = true
        entries[name]?.tasks = model.tasks
        entries[name]?.error = nil
        starting.remove(name)
        return (true, former)
    }

    /// Takes in a model that comes from nowhere, so that it cannot make room for others. Returns the one that had its place.
    mutating func put(_ model: ServedModel, in metrics: any MetricsFactory) -> ServedModel? {
        let name = model.name
        var entry = entries[name] ?? Entry(series: ModelSeries(of: name, in: metrics))
        (entry.source, entry.successor) = (nil, nil)
        entries[name] = entry
        roster.add(name, isPinned: true)
        roster.withdrawOrder(of: name)
        guard let order = roster.order(name, needsFiles: false, makesRoom: false) else { return nil }
        return install(model, order: order, bytes: 0, at: .now).former
    }

    /// Takes note that a model could not be loaded. Returns whether it was still wanted.
    mutating func fail(
        _ name: String, order: Int, _ error: any Error, isFinal: Bool, at now: ContinuousClock.Instant
    ) -> Bool {
        let isReplacement = entries[name]?.successor != nil
        guard
            isReplacement
                ? roster.postpone(name, order: order)
                : roster.fail(name, order: order, isFinal: isFinal, at: now)
        else { return false }
        entries[name]?.successor = nil
        if !isReplacement { entries[name]?.error = error }
        starting.remove(name)
        return true
    }

    /// Lets a model go whose stay has ended.
    mutating func takeOut(_ name: String) -> ServedModel? {
        defer { entries[name]?.loaded = nil }
        return entries[name]?.loaded?.model
    }

    /// A model that was forgotten, and what tells those who wait for it.
    struct Removed {
        let entry: Entry
        let resumptions: [LoadWaiters.Resumption]
    }

    /// Forgets a model.
    mutating func remove(_ name: String) -> Removed? {
        roster.remove(name)
        starting.remove(name)
        return entries.removeValue(forKey: name).map {
            Removed(entry: $0, resumptions: waiters.answer(name) { .failure(ServingError.modelNotFound) })
        }
    }
}
