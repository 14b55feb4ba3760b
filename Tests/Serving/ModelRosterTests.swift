import PenstockServing
import Testing

/// Who is loaded, and who leaves.
@Suite struct ModelRosterTests {
    // MARK: Order

    @Test func whoIsAskedForFirstIsLoadedFirstAndOneAtATime() {
        let models = TestedRoster()
        for name in ["a", "b", "c"] { models.roster.add(name, isPinned: false) }
        for name in ["c", "a", "c", "b"] { #expect(models.ask(name, at: 0) == .wait) }
        #expect(models.ask("d", at: 0) == .unknown)
        for (name, order) in [("c", 1), ("a", 2), ("b", 3)] {
            #expect(models.next(at: 0) == .load(name, order))
            #expect(models.next(at: 0) == nil)
            #expect(models.finish(name, order, at: 0))
        }
        #expect(models.next(at: 0) == nil)
    }

    @Test func filesAreFetchedBesideLoadsAndNobodyWaitsForThoseOfOthers() {
        let models = TestedRoster()
        for name in ["a", "b", "c", "here"] {
            models.roster.add(name, isPinned: false)
            models.roster.order(name, needsFiles: name != "here", makesRoom: false)
        }
        #expect(models.next(at: 0) == .fetch("a", 1))
        #expect(models.next(at: 0) == .fetch("b", 2))
        #expect(models.next(at: 0) == .load("here", 4))
        #expect(models.next(at: 0) == nil)
        models.roster.fetched("b", order: 2)
        #expect(models.next(at: 0) == .fetch("c", 3))
        #expect(models.finish("here", 4, at: 0))
        #expect(models.next(at: 0) == .load("b", 2))
    }

    // MARK: Room

    @Test func theLeastRecentlyUsedIdleModelLeaves() throws {
        let models = try TestedRoster(loaded: ["a", "b", "c"], pinned: ["b"])
        #expect(!models.end("a", models.ask("a", at: 5), at: 6))
        let order = try models.begin("d", at: 7)
        #expect(models.room(for: "d", order, free: 3, at: 7) == .letGo(["c"]))
        #expect(!models.isLoaded("c") && models.isLoaded("a"))
        // Its memory is on its way, so that nobody else has to leave.
        #expect(models.room(for: "d", order, free: 3, at: 7) == .wait(until: nil))
        models.roster.departed(3)
        #expect(models.room(for: "d", order, free: 13, at: 7) == .granted)
    }

    @Test func noMoreLeaveThanAreNeeded() throws {
        let models = TestedRoster()
        for (index, (name, bytes)) in [("small", 2), ("large", 20), ("late", 20)].enumerated() {
            let order = try models.begin(name, at: Double(index))
            #expect(models.finish(name, order, bytes: bytes, at: Double(index)))
        }
        #expect(models.room(for: "d", try models.begin("d", at: 9), 15, at: 9) == .letGo(["large"]))
    }

    @Test func aModelInUseKeepsItsRequestsAndLeavesWithTheLast() throws {
        let models = try TestedRoster(loaded: ["a"])
        let (first, second) = (models.ask("a", at: 1), models.ask("a", at: 1))
        let order = try models.begin("b", at: 2)
        #expect(models.room(for: "b", order, at: 2) == .wait(until: nil))
        // It takes no more, which wait behind the one that waits already.
        #expect(models.ask("a", at: 2) == .wait)
        #expect(!models.end("a", first, at: 3))
        #expect(models.isLoaded("a"))
        #expect(models.end("a", second, at: 3))
        #expect(!models.isLoaded("a"))
        #expect(models.room(for: "b", order, at: 3) == .wait(until: nil))
        models.roster.departed(1)
        #expect(models.room(for: "b", order, free: 10, at: 3) == .granted)
        #expect(models.finish("b", order, users: 1, at: 3))
        #expect(models.next(at: 3) == .load("a", 3))
    }

    @Test func aModelInUseIsNotClosedBeforeItWasThereForAsLongAsItsLoadTook() throws {
        let models = TestedRoster()
        let slow = try models.begin("slow", at: 0)
        #expect(models.finish("slow", slow, users: 1, at: 4))
        let order = try models.begin("b", at: 5)
        #expect(models.room(for: "b", order, at: 5) == .wait(until: TestedRoster.instant(8)))
        #expect(models.ask("slow", at: 6) == .use(slow))
        #expect(models.room(for: "b", order, at: 8) == .wait(until: nil))
        #expect(models.ask("slow", at: 8) == .wait)
    }

    @Test func whatHasNoRoomAtTheStartIsLoadedWhenSomebodyAsks() throws {
        let models = try TestedRoster(loaded: ["a"])
        let order = try models.begin("b", makesRoom: false, at: 1)
        #expect(models.room(for: "b", order, at: 1) == .later)
        #expect(models.ask("b", at: 1) == .wait)
        #expect(models.room(for: "b", order, at: 1) == .letGo(["a"]))
    }

    @Test func whatIsAloneMakesDoWithLessAtTheStart() throws {
        let models = TestedRoster()
        let order = try models.begin("a", makesRoom: false, at: 0)
        #expect(models.room(for: "a", order, 20, least: 10, free: 10, at: 0) == .granted)
    }

    @Test func whatNeverFitsMovesNobody() throws {
        let models = try TestedRoster(loaded: ["a", "pinned"], pinned: ["pinned"])
        let order = try models.begin("b", at: 2)
        #expect(models.room(for: "b", order, 20, least: 11, at: 2) == .never)
        #expect(models.isLoaded("a"))
        // With less than it wants it makes do, once all others have left.
        #expect(models.room(for: "b", order, 20, least: 10, at: 2) == .letGo(["a"]))
        models.roster.departed(1)
        #expect(models.room(for: "b", order, 20, least: 10, free: 10, at: 2) == .granted)
    }

    // MARK: Failures, replacements

    @Test func aFailureThatMayPassIsTriedAgainAfterAWhile() throws {
        let models = TestedRoster()
        #expect(models.fail("a", try models.begin("a", at: 0), isFinal: false, at: 1))
        #expect(models.roster.hasFailed("a"))
        #expect(models.ask("a", at: 2) == .failed)
        #expect(models.ask("a", at: 60) == .wait)
        #expect(!models.roster.hasFailed("a"))
        #expect(models.fail("a", try models.begin("a", at: 60), isFinal: true, at: 61))
        #expect(models.ask("a", at: 6000) == .failed)
    }

    @Test func theFormerServesUntilItsSuccessorIsThere() throws {
        let models = try TestedRoster(loaded: ["a"])
        let order = try models.begin("a", at: 1)
        let former = models.ask("a", at: 1)
        #expect(former == .use(1))
        #expect(models.finish("a", order, at: 2))
        #expect(models.ask("a", at: 2) == .use(order))
        // Who has the former gives nothing of the successor back.
        #expect(!models.end("a", former, at: 3))
        #expect(!models.end("a", .use(order), at: 3))
        #expect(models.room(for: "b", try models.begin("b", at: 3), 15, at: 3) == .letGo(["a"]))
    }

    @Test func aForgottenModelIsNotWantedWhenItsLoadIsDone() throws {
        let models = TestedRoster()
        let order = try models.begin("a", at: 0)
        models.roster.remove("a")
        #expect(!models.finish("a", order, at: 1))
        #expect(models.roster.names.isEmpty)
    }

    @Test func theWaitIsWhatLoadsTookBefore() throws {
        let models = TestedRoster()
        for name in ["a", "b", "c"] { models.roster.add(name, isPinned: false) }
        #expect(models.expectedWait(for: "a", at: 0) == .seconds(2))
        #expect(models.finish("a", try models.begin("a", at: 0), at: 4))
        // Of b nothing is known; c is behind it.
        for name in ["b", "c"] { #expect(models.ask(name, at: 5) == .wait) }
        #expect(models.expectedWait(for: "b", at: 5) == .seconds(4))
        #expect(models.expectedWait(for: "c", at: 5) == .seconds(8))
        #expect(models.next(at: 5) == .load("b", 2))
        #expect(models.expectedWait(for: "c", at: 6) == .seconds(7))
    }
}
