/// What a model needs of the memory to be loaded, and what there is.
package struct RoomNeeded: Sendable, Equatable {
    /// The bytes with which it has all that it wants.
    package let bytes: Int
    /// The bytes without which it cannot be loaded.
    package let leastBytes: Int
    /// The bytes that are free.
    package let free: Int
    /// Bytes that would be free beside those of the models themselves if all others left.
    package let shared: Int

    package init(bytes: Int, leastBytes: Int, free: Int, shared: Int = 0) {
        (self.bytes, self.leastBytes, self.free, self.shared) = (bytes, leastBytes, free, shared)
    }
}

/// Who makes room for a model that is to be loaded.
extension ModelRoster {
    /// What the one who loads a model has to do before.
    package enum Room: Sendable, Equatable {
        /// Go on.
        case granted
        /// Let these models go, and ask again.
        case letGo([String])
        /// Ask again when a model has gone, or requests have been answered, or at this instant.
        case wait(until: Instant?)
        /// Load it when somebody asks for it.
        case later
        /// There will never be room beside those that stay.
        case never
    }

    /// Finds room for the model of an order that is carried out. Its load counts from the moment at which there is room.
    ///
    /// Of the idle models the least recently used go. If all of them are not enough, those in use follow that have been there
    /// for longest, each not before it was there for as long as it took to load it, so that no more than half of the time
    /// goes into loading: they take no more requests, and go when those are answered that they have.
    package mutating func room(for name: String, order: Int, _ needed: RoomNeeded, at now: Instant) -> Room {
        guard let entry = entries[name], let own = entry.order, own.number == order else { return .never }
        if needed.bytes <= needed.free { return grant(name, at: now) }
        let stays = others(than: name)
        let staying = stays.reduce(0) { $0 + $1.stay.bytes }
        let onTheirWay = departing.values.reduce(0, +)
        guard needed.leastBytes <= needed.free + needed.shared + onTheirWay + staying else { return .never }
        // Alone it makes do with what there is.
        guard own.makesRoom || stays.isEmpty else { return .later }
        let coming = onTheirWay + stays.reduce(0) { $0 + ($1.stay.isLeaving ? $1.stay.bytes : 0) }
        let missing = needed.bytes - needed.free - coming
        if missing <= 0 { return .wait(until: nil) }

        let idle = stays.filter { $0.stay.isIdle }.sorted { $0.stay.lastUse < $1.stay.lastUse }
        let idleBytes = idle.reduce(0) { $0 + $1.stay.bytes }
        if idleBytes >= missing { return letGo(fewest(of: idle, for: missing)) }

        let busy = stays.filter { !$0.stay.isIdle && !$0.stay.isLeaving }.sorted { $0.stay.since < $1.stay.since }
        let closed = close(busy, for: missing - idleBytes, at: now)
        if closed.isEnough { return .wait(until: nil) }
        if let next = closed.next { return .wait(until: next) }
        // All that can go is on its way. What is idle follows, and then the model makes do with what there is.
        if !idle.isEmpty { return letGo(idle.map(\.name)) }
        return coming > 0 || closed.isAny ? .wait(until: nil) : grant(name, at: now)
    }

    private mutating func grant(_ name: String, at now: Instant) -> Room {
        begin(name, at: now)
        return .granted
    }

    private typealias Named = (name: String, stay: Stay)

    /// The models that may leave for another one.
    private func others(than name: String) -> [Named] {
        entries.compactMap { other, entry in
            entry.stay.flatMap { other == name || entry.isPinned ? nil : (other, $0) }
        }
    }

    /// The first of idle models that together have so many bytes, without those that are not needed for it.
    private func fewest(of idle: [Named], for bytes: Int) -> [String] {
        var (chosen, sum) = ([Named](), 0)
        for model in idle where sum < bytes {
            chosen.append(model)
            sum += model.stay.bytes
        }
        for model in chosen.reversed() where sum - model.stay.bytes >= bytes {
            chosen.removeAll { $0.name == model.name }
            sum -= model.stay.bytes
        }
        return chosen.map(\.name)
    }

    private mutating func letGo(_ names: [String]) -> Room {
        for name in names { letGo(name) }
        return .letGo(names)
    }

    /// Closes models in use, the first first, until they have so many bytes.
    ///
    /// - Returns: whether they are enough, whether any is closed, and when the next one may be.
    private mutating func close(
        _ busy: [Named], for bytes: Int, at now: Instant
    ) -> (isEnough: Bool, isAny: Bool, next: Instant?) {
        var (rest, isAny, next) = (bytes, false, Instant?.none)
        for (name, stay) in busy where rest > 0 {
            let due = stay.since.advanced(by: entries[name]?.loadTime ?? .zero)
            guard due <= now else {
                next = next.map { min($0, due) } ?? due
                continue
            }
            close(name)
            (rest, isAny) = (rest - stay.bytes, true)
        }
        return (rest <= 0, isAny, next)
    }
}
