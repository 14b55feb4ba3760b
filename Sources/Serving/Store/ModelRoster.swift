/// Which models of a server are there, which comes next, and which leave to make room. Decides, and does nothing itself.
///
/// Models are loaded one at a time, and whoever was asked for first is first; one that waits for room lets others be loaded
/// meanwhile that have it (``room(for:order:_:at:)``). A model that requests have is never taken from
/// them: it may have to turn further ones away, and leaves when they are answered. Whoever has waited for a model has it from
/// the moment at which it is there, so that it does not leave before it has answered them.
package struct ModelRoster: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// The outcome of a request for a model.
    package enum Admission: Sendable, Equatable {
        /// It has the model, until ``release(_:of:at:)``; the number of the model's stay.
        case use(Int)
        /// The model is being loaded, or will be.
        case wait
        /// The model could not be loaded.
        case failed
        /// There is no such model.
        case unknown
    }

    /// The next thing to do, for the order of a number.
    package enum Step: Sendable, Equatable {
        /// Find the files of a model, which may be a download.
        case fetch(String, Int)
        case load(String, Int)
    }

    /// The models that are known, in the order of their coming.
    package private(set) var names: [String] = []
    private(set) var entries: [String: Entry] = [:]
    /// The bytes of models that have been let go and whose memory is not free yet, by the numbers of their stays.
    private(set) var departing: [Int: Int] = [:]
    private var lastNumber = 0

    /// Models whose files are fetched at one time.
    private static var mostFetches: Int { 2 }
    /// After so long a model is tried again that could not be loaded for a reason that may pass.
    static var patience: Duration { .seconds(30) }

    /// Without models.
    package init() {}

    // MARK: Models

    /// Takes note of a model, or of another setting of it.
    package mutating func add(_ name: String, isPinned: Bool) {
        if entries[name] == nil { names.append(name) }
        entries[name, default: Entry(isPinned: isPinned)].isPinned = isPinned
    }

    /// Forgets a model.
    package mutating func remove(_ name: String) {
        letGo(name)
        names.removeAll { $0 == name }
        entries[name] = nil
    }

    /// Puts those of the known models first, in this order.
    package mutating func sort(first: [String]) {
        names = first.filter { entries[$0] != nil } + names.filter { !first.contains($0) }
    }

    /// Tells whether a model is there, also if it leaves when its requests are answered.
    package func isLoaded(_ name: String) -> Bool { entries[name]?.stay != nil }

    /// Tells whether a model takes requests at once.
    package func takesRequests(_ name: String) -> Bool { entries[name]?.stay?.isLeaving == false }

    /// Tells whether a model is to be loaded.
    package func isOrdered(_ name: String) -> Bool { entries[name]?.order != nil }

    /// Tells whether a model is to be loaded, and more than waits for others to leave.
    package func isBusy(_ name: String) -> Bool { isOrdered(name) && !waitsForRoom(name) }

    /// Tells whether a model is to be loaded and waits for others to leave.
    package func waitsForRoom(_ name: String) -> Bool { entries[name]?.order?.claim != nil }

    /// Tells whether a model is to be loaded by the order of this number.
    func isOrdered(_ name: String, _ order: Int) -> Bool { entries[name]?.order?.number == order }

    /// Tells whether a model could not be loaded and nobody tries again.
    package func hasFailed(_ name: String) -> Bool {
        entries[name].map { $0.failure != nil && $0.order == nil } ?? false
    }

    /// Tells whether requests have a model.
    func isInUse(_ name: String) -> Bool { entries[name]?.stay.map { $0.users > 0 } ?? false }

    /// Tells whether a model never makes room for others.
    package func isPinned(_ name: String) -> Bool { entries[name]?.isPinned ?? false }

    // MARK: Requests

    /// Lets a request have a model, or has the model loaded.
    ///
    /// - Parameter needsFiles: whether the model's files have to be fetched before
    package mutating func admit(_ name: String, needsFiles: Bool, at now: Instant) -> Admission {
        guard let entry = entries[name] else { return .unknown }
        if let stay = entry.stay, !stay.isLeaving {
            entries[name]?.stay?.users += 1
            entries[name]?.stay?.lastUse = now
            return .use(stay.number)
        }
        if let failure = entry.failure, entry.order == nil,
            failure.isFinal || failure.instant.duration(to: now) < Self.patience
        {
            return .failed
        }
        order(name, needsFiles: needsFiles, makesRoom: true)
        return .wait
    }

    /// Takes note that a request has a model no longer.
    ///
    /// - Returns: whether the model is to be let go.
    package mutating func release(_ name: String, of stay: Int, at now: Instant) -> Bool {
        guard entries[name]?.stay?.number == stay else { return false }
        entries[name]?.stay?.users -= 1
        entries[name]?.stay?.lastUse = now
        guard let stay = entries[name]?.stay, stay.isLeaving, stay.users == 0 else { return false }
        letGo(name)
        return true
    }

    // MARK: Loading

    /// Has a model loaded, if it is known and is not on its way.
    ///
    /// - Parameters:
    ///   - needsFiles: whether its files have to be fetched before
    ///   - makesRoom: whether other models leave for it if need be
    /// - Returns: the number of the order; nil for a model that is not known.
    @discardableResult
    package mutating func order(_ name: String, needsFiles: Bool, makesRoom: Bool) -> Int? {
        guard let entry = entries[name] else { return nil }
        if let order = entry.order {
            if makesRoom { entries[name]?.order?.makesRoom = true }
            return order.number
        }
        lastNumber += 1
        entries[name]?.order = Order(
            number: lastNumber, stage: needsFiles ? .needsFiles : .waiting, makesRoom: makesRoom)
        return lastNumber
    }

    /// Begins what is to be done next; nil if that has to wait for something, or there is nothing.
    package mutating func next(at now: Instant) -> Step? {
        let orders = entries.compactMap { name, entry in entry.order.map { (name: name, order: $0) } }
            .sorted { $0.order.number < $1.order.number }
        let fetches = orders.count { $0.order.stage == .fetching }
        if fetches < Self.mostFetches, let (name, order) = orders.first(where: { $0.order.stage == .needsFiles }) {
            entries[name]?.order?.stage = .fetching
            return .fetch(name, order.number)
        }
        guard !orders.contains(where: { $0.order.isBeingLoaded }),
            let (name, order) = orders.first(where: { $0.order.stage == .waiting })
        else { return nil }
        begin(name, at: now)
        return .load(name, order.number)
    }

    /// Takes note that an order is carried out out of its turn.
    package mutating func begin(_ name: String, order: Int, at now: Instant) {
        guard isOrdered(name, order) else { return }
        begin(name, at: now)
    }

    /// Takes note that the files of a model are there.
    package mutating func fetched(_ name: String, order: Int) {
        guard isOrdered(name, order) else { return }
        entries[name]?.order?.stage = .waiting
    }

    /// Takes note that a model is loaded. One of its name that was there before is let go.
    ///
    /// - Parameters:
    ///   - bytes: those that will be free when it has gone
    ///   - users: requests that have waited for it
    /// - Returns: whether it is still wanted.
    package mutating func finish(_ name: String, order: Int, bytes: Int, users: Int, at now: Instant) -> Bool {
        guard isOrdered(name, order) else { return false }
        letGo(name)
        if case .loading(let start)? = entries[name]?.order?.stage { entries[name]?.loadTime = start.duration(to: now) }
        entries[name]?.stay = Stay(number: order, bytes: bytes, since: now, lastUse: now, users: users)
        entries[name]?.order = nil
        entries[name]?.failure = nil
        return true
    }

    /// Takes note that a model could not be loaded. One of its name that is there stays.
    ///
    /// - Parameter isFinal: whether another try would fail as well
    /// - Returns: whether it was still wanted.
    package mutating func fail(_ name: String, order: Int, isFinal: Bool, at now: Instant) -> Bool {
        guard isOrdered(name, order) else { return false }
        entries[name]?.order = nil
        if entries[name]?.stay == nil { entries[name]?.failure = Failure(instant: now, isFinal: isFinal) }
        return true
    }

    /// Takes note that a model is not loaded until somebody asks for it.
    ///
    /// - Returns: whether it was still wanted.
    package mutating func postpone(_ name: String, order: Int) -> Bool {
        guard isOrdered(name, order) else { return false }
        entries[name]?.order = nil
        return true
    }

    /// Takes the order of a model back, if there is one. What becomes of it is not wanted any more.
    package mutating func withdrawOrder(of name: String) { entries[name]?.order = nil }

    /// Takes note that the memory of a model is free.
    package mutating func departed(_ stay: Int) { departing[stay] = nil }

    // MARK: Shared with the decision about room

    /// Changes how far the order of a model is.
    mutating func setStage(_ stage: Order.Stage, of name: String) { entries[name]?.order?.stage = stage }

    /// Takes note that a model is let go, if it is there.
    mutating func letGo(_ name: String) {
        guard let stay = entries[name]?.stay else { return }
        entries[name]?.stay = nil
        if stay.bytes > 0 { departing[stay.number] = stay.bytes }
    }

    /// Takes note that the load of a model begins.
    mutating func begin(_ name: String, at now: Instant) { setStage(.loading(since: now), of: name) }

    /// Takes note that a model takes no more requests, and goes with the last that it has.
    mutating func close(_ name: String) { entries[name]?.stay?.isLeaving = true }
}

extension ModelRoster.Order {
    fileprivate var isBeingLoaded: Bool { if case .loading = stage { true } else { false } }

    /// Its claim; nil if it does not wait for room.
    var claim: ModelRoster.Claim? { if case .needsRoom(let claim) = stage { claim } else { nil } }
}
