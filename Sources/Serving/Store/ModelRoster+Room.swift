/// The memory that a model needs to be loaded, and that there is.
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

/// The decision which models make room for one that is to be loaded.
extension ModelRoster {
    /// The step that comes before a load.
    package enum Room: Sendable, Equatable {
        /// Go on.
        case granted
        /// Let these models go, and ask again.
        case letGo([String])
        /// Ask again when a model has gone, or requests have been answered, or at this instant.
        case wait(until: Instant?)
        /// Load it when somebody asks for it.
        case later
        /// Forget it: nobody wants it any more.
        case withdrawn
        /// There will never be room beside those that stay.
        case never
    }

    /// Finds room for the model of an order that is carried out. Its load counts from the moment at which there is room.
    ///
    /// Nobody else may be loaded between the answer that there is room and the reservation of it. Who has to wait does not
    /// hold others up that find room. The eldest of those who wait has others leave for it. Who is younger takes what is
    /// free and not claimed: of what was free when an elder one began to wait, and what is beyond its need. So an elder one
    /// is passed by few, however many come.
    ///
    /// Of the idle models the least recently used go. If all of them are not enough, those in use follow that have been there
    /// for longest, each not before it was there for as long as it took to load it, so that no more than half of the time
    /// goes into loading: they take no more requests, and go when those are answered that they have.
    package mutating func room(for name: String, order: Int, _ needed: RoomNeeded, at now: Instant) -> Room {
        guard let entry = entries[name], let own = entry.order, own.number == order else { return .withdrawn }
        let elders = elders(than: order)
        if needed.bytes <= unclaimed(by: elders, needed.free) {
            return grant(name, needed.bytes, past: elders, at: now)
        }
        let stays = others(than: name)
        let staying = stays.reduce(0) { $0 + $1.stay.bytes }
        // One of its own name that leaves is as good as gone.
        let onTheirWay = departing.values.reduce(0, +) + (entry.stay.map { $0.isLeaving ? $0.bytes : 0 } ?? 0)
        guard needed.leastBytes <= needed.free + needed.shared + onTheirWay + staying else { return .never }
        // Alone it makes do with what there is.
        guard own.makesRoom || stays.isEmpty && elders.isEmpty else { return .later }
        guard elders.isEmpty else { return wait(name, needed, behind: elders, until: nil) }
        let coming = onTheirWay + stays.reduce(0) { $0 + ($1.stay.isLeaving ? $1.stay.bytes : 0) }
        let missing = needed.bytes - needed.free - coming
        if missing <= 0 { return wait(name, needed, until: nil) }

        let idle = stays.filter { $0.stay.isIdle }.sorted { $0.stay.lastUse < $1.stay.lastUse }
        let idleBytes = idle.reduce(0) { $0 + $1.stay.bytes }
        if idleBytes >= missing { return letGo(fewest(of: idle, for: missing)) }

        let busy = stays.filter { !$0.stay.isIdle && !$0.stay.isLeaving }.sorted { $0.stay.since < $1.stay.since }
        let closed = close(busy, for: missing - idleBytes, at: now)
        if closed.isEnough { return wait(name, needed, until: nil) }
        if let next = closed.next { return wait(name, needed, until: next) }
        // All that can go is on its way. What is idle follows, and then the model makes do with what there is.
        if !idle.isEmpty { return letGo(idle.map(\.name)) }
        return coming > 0 || closed.isAny ? wait(name, needed, until: nil) : grant(name, needed.bytes, at: now)
    }

    private typealias Named = (name: String, stay: Stay)
    private typealias Elder = (name: String, number: Int, claim: Claim)

    private mutating func grant(_ name: String, _ bytes: Int, past elders: [Elder] = [], at now: Instant) -> Room {
        for (elder, _, claim) in elders {
            setStage(.needsRoom(Claim(bytes: claim.bytes, spare: max(0, claim.spare - bytes))), of: elder)
        }
        begin(name, at: now)
        return .granted
    }

    private mutating func wait(
        _ name: String, _ needed: RoomNeeded, behind elders: [Elder] = [], until instant: Instant?
    ) -> Room {
        let spare = entries[name]?.order?.claim?.spare ?? unclaimed(by: elders, needed.free)
        setStage(.needsRoom(Claim(bytes: needed.bytes, spare: spare)), of: name)
        return .wait(until: instant)
    }

    /// The orders that wait for room and are older than one, the eldest first.
    private func elders(than order: Int) -> [Elder] {
        entries.compactMap { name, entry in
            entry.order.flatMap { elder in
                elder.number < order ? elder.claim.map { (name, elder.number, $0) } : nil
            }
        }.sorted { $0.number < $1.number }
    }

    /// Bytes that are not claimed by those who wait for room.
    ///
    /// - Parameter free: those that are free
    private func unclaimed(by elders: [Elder], _ free: Int) -> Int {
        let coming =
            departing.values.reduce(0, +)
            + entries.values.reduce(0) { sum, entry in
                sum + (entry.stay.map { $0.isLeaving && !entry.isPinned ? $0.bytes : 0 } ?? 0)
            }
        var (needed, most) = (0, free)
        for (_, _, claim) in elders {
            needed += claim.bytes
            most = min(most, needed <= free ? free - needed : max(free + coming - needed, claim.spare))
        }
        return max(0, most)
    }

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
