import PenstockServing
import Testing

/// A roster by a clock of seconds, whose models have 10 bytes unless a test says otherwise.
final class TestedRoster {
    typealias Roster = ModelRoster

    var roster = Roster()

    static func instant(_ seconds: Double) -> ManualInstant { .start + .seconds(seconds) }

    init() {}

    /// Models that are loaded, in this order, a second apart.
    init(loaded names: [String], pinned: Set<String> = []) throws {
        for (index, name) in names.enumerated() {
            let order = try begin(name, isPinned: pinned.contains(name), at: Double(index))
            #expect(finish(name, order, at: Double(index)))
        }
    }

    func isLoaded(_ name: String) -> Bool { roster.isLoaded(name) }

    func ask(_ name: String, at seconds: Double) -> Roster.Admission {
        roster.admit(name, needsFiles: false, at: Self.instant(seconds))
    }

    /// Ends a request that was let in. Returns whether the model leaves.
    func end(_ name: String, _ admission: Roster.Admission, at seconds: Double) -> Bool {
        guard case .use(let stay) = admission else { return false }
        return roster.release(name, of: stay, at: Self.instant(seconds))
    }

    /// Begins to load a model, which may be a new one. Returns the number of the order.
    func begin(
        _ name: String, isPinned: Bool = false, makesRoom: Bool = true, at seconds: Double
    ) throws -> Int {
        roster.add(name, isPinned: isPinned)
        let number = roster.order(name, needsFiles: false, makesRoom: makesRoom)
        let order = try #require(number)
        roster.begin(name, order: order, at: Self.instant(seconds))
        return order
    }

    func next(at seconds: Double) -> Roster.Step? { roster.next(at: Self.instant(seconds)) }

    func finish(_ name: String, _ order: Int, bytes: Int = 10, users: Int = 0, at seconds: Double) -> Bool {
        roster.finish(name, order: order, bytes: bytes, users: users, at: Self.instant(seconds))
    }

    func fail(_ name: String, _ order: Int, isFinal: Bool, at seconds: Double) -> Bool {
        roster.fail(name, order: order, isFinal: isFinal, at: Self.instant(seconds))
    }

    /// - Parameter least: nil for all
    func room(
        for name: String, _ order: Int, _ bytes: Int = 10, least: Int? = nil, free: Int = 0, at seconds: Double
    ) -> Roster.Room {
        roster.room(
            for: name, order: order, RoomNeeded(bytes: bytes, leastBytes: least ?? bytes, free: free),
            at: Self.instant(seconds))
    }

    func expectedWait(for name: String, at seconds: Double) -> Duration {
        roster.expectedWait(for: name, at: Self.instant(seconds))
    }
}
