import PenstockServing
import Testing

/// Who is loaded past those that wait for room.
@Suite struct ModelRosterRoomTests {
    /// A model "busy" is in use, and "large", which needs 55 bytes, waits for it with `free` bytes beside.
    private static func waiting(
        free: Int, busyBytes: Int = 50
    ) throws -> (models: TestedRoster, large: Int, use: TestedRoster.Roster.Admission) {
        let models = TestedRoster()
        let busy = try models.begin("busy", at: 0)
        #expect(models.finish("busy", busy, bytes: busyBytes, at: 0))
        let use = models.ask("busy", at: 0)
        models.roster.add("large", isPinned: false)
        #expect(models.ask("large", at: 1) == .wait)
        #expect(models.next(at: 1) == .load("large", 2))
        #expect(models.room(for: "large", 2, 55, free: free, at: 1) == .wait(until: nil))
        #expect(models.roster.waitsForRoom("large") && models.roster.isOrdered("large"))
        return (models, 2, use)
    }

    private static func next(_ name: String, of models: TestedRoster) throws -> Int {
        models.roster.add(name, isPinned: false)
        #expect(models.ask(name, at: 2) == .wait)
        guard case .load(name, let order)? = models.next(at: 2) else { throw Absent() }
        return order
    }

    private struct Absent: Error {}

    @Test func whoFindsRoomIsLoadedPastOneThatWaits() throws {
        let (models, large, use) = try Self.waiting(free: 20)
        let small = try Self.next("small", of: models)
        #expect(models.room(for: "small", small, 10, free: 20, at: 2) == .granted)
        // One at a time is loaded.
        #expect(models.next(at: 2) == nil)
        #expect(models.finish("small", small, bytes: 10, at: 3))
        #expect(models.end("busy", use, at: 4))
        models.roster.departed(1)
        #expect(models.room(for: "large", large, 55, free: 60, at: 4) == .granted)
        #expect(!models.roster.waitsForRoom("large"))
    }

    @Test func whatIsFreedIsForTheOneWhoWaits() throws {
        let (models, large, use) = try Self.waiting(free: 5)
        let small = try Self.next("small", of: models)
        #expect(models.room(for: "small", small, 10, free: 5, at: 2) == .wait(until: nil))
        #expect(models.end("busy", use, at: 3))
        // 55 are on their way or there, all of which the large one needs.
        #expect(models.room(for: "small", small, 10, free: 5, at: 3) == .wait(until: nil))
        models.roster.departed(1)
        #expect(models.room(for: "small", small, 10, free: 55, at: 3) == .wait(until: nil))
        #expect(models.room(for: "large", large, 55, free: 55, at: 3) == .granted)
        // And now the other one is the eldest.
        #expect(models.finish("large", large, bytes: 55, at: 4))
        #expect(models.room(for: "small", small, 10, free: 0, at: 4) == .letGo(["large"]))
    }

    @Test func whatIsBeyondTheNeedOfThoseWhoWaitIsNotClaimed() throws {
        let (models, large, use) = try Self.waiting(free: 20)
        var free = 20
        // 70 will be free, of which 55 are claimed; 20 were free at first.
        for (name, seconds) in [("first", 2.1), ("second", 2.2), ("third", nil)] {
            let order = try Self.next(name, of: models)
            let room = models.room(for: name, order, 8, free: free, at: 2)
            #expect(room == (seconds == nil ? .wait(until: nil) : .granted), "\(name)")
            guard let seconds else { continue }
            free -= 8
            #expect(models.finish(name, order, bytes: 8, at: seconds))
        }
        #expect(models.end("busy", use, at: 3))
        models.roster.departed(1)
        // One that passed it leaves.
        #expect(models.room(for: "large", large, 55, free: 50, at: 3) == .letGo(["first"]))
    }

    @Test func whoIsYoungerHasNobodyLeave() throws {
        let (models, _, _) = try Self.waiting(free: 0, busyBytes: 60)
        let idle = try models.begin("idle", at: 2)
        #expect(models.finish("idle", idle, at: 2))
        let small = try Self.next("small", of: models)
        #expect(models.room(for: "small", small, 10, at: 3) == .wait(until: nil))
        #expect(models.isLoaded("idle"))
    }

    @Test func whoIsTakenBackClaimsNothing() throws {
        let (models, large, _) = try Self.waiting(free: 0, busyBytes: 60)
        let small = try Self.next("small", of: models)
        #expect(models.room(for: "small", small, 10, free: 8, at: 2) == .wait(until: nil))
        models.roster.remove("large")
        #expect(models.room(for: "large", large, 55, at: 2) == .withdrawn)
        #expect(models.room(for: "small", small, 10, free: 10, at: 2) == .granted)
    }

    @Test func whoWaitsMayBeReplacedAndBeginsAnew() throws {
        let (models, large, _) = try Self.waiting(free: 0, busyBytes: 60)
        #expect(!models.roster.isBusy("large"))
        models.roster.withdrawOrder(of: "large")
        let again = try models.begin("large", at: 2)
        #expect(models.roster.isBusy("large"))
        #expect(models.room(for: "large", large, 55, at: 2) == .withdrawn)
        #expect(models.room(for: "large", again, 20, free: 30, at: 2) == .granted)
    }

    @Test func whoWasClosedForAnotherComesBehindIt() throws {
        let (models, large, use) = try Self.waiting(free: 5)
        let again = try Self.next("busy", of: models)
        #expect(models.room(for: "busy", again, 50, free: 5, at: 2) == .wait(until: nil))
        #expect(models.end("busy", use, at: 3))
        models.roster.departed(1)
        #expect(models.room(for: "busy", again, 50, free: 55, at: 3) == .wait(until: nil))
        #expect(models.room(for: "large", large, 55, free: 55, at: 3) == .granted)
    }

    @Test func atTheStartNobodyWaitsBehindOthers() throws {
        let (models, _, _) = try Self.waiting(free: 0, busyBytes: 60)
        let order = try models.begin("start", makesRoom: false, at: 2)
        #expect(models.room(for: "start", order, at: 2) == .later)
    }
}
