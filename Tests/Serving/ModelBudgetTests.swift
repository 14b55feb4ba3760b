import PenstockCompute
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Models that are loaded when they are asked for, within a budget.
@Suite struct ModelBudgetTests {
    /// A store of fake models of 10 bytes each, which loads them as they are needed until it is gone.
    private final class Models: Sendable {
        struct Damaged: Error {}

        let store: ModelStore
        let ledger: MemoryLedger
        private let loading: Task<Void, Never>

        /// - Parameter names: of the models that are announced
        init(_ names: [String], budget: Int, loadTimeout: Duration = .seconds(3600), pinned: Set<String> = []) throws {
            ledger = MemoryLedger(budget: budget) {
                nil
            } ownBytes: {
                0
            }
            let store = ModelStore(on: try Scheduler(threads: 1, ledger: ledger), loadTimeout: loadTimeout)
            self.store = store
            store.announce(names.map { Self.source($0, isPinned: pinned.contains($0)) })
            loading = Task { await store.loadAsNeeded { _ in } }
        }

        deinit { loading.cancel() }

        /// - Parameters:
        ///   - bytes: those that it says it needs
        ///   - edition: tells sources of a name apart
        static func source(
            _ name: String, isPinned: Bool = false, bytes: Int = 10, isDamaged: Bool = false, edition: Int? = nil
        ) -> ModelSource {
            var source = ModelSource(name: name) { source, scheduler, _ in
                PlannedLoad(tasks: [EchoTask.self], residentBytes: bytes, wantedBytes: bytes, leastBytes: bytes) {
                    whenGone in
                    let memory = try scheduler.ledger.reserve(bytes, for: name)
                    memory.whenGone(whenGone)
                    if isDamaged { throw Damaged() }
                    return try ServedModel(FakeModel(holding: memory), named: name, on: scheduler)
                }
            }
            source.isPinned = isPinned
            source.loading.maxInputTokens = edition
            return source
        }

        func model(_ name: String) async throws -> ServedModel {
            try await store.model(name, for: .anybody, until: .now + .seconds(3600))
        }

        func states() -> [String] { store.all.map(\.state.name) }

        func isStarted() async { while store.readiness == .loading { await Task.yield() } }
    }

    private static func code(_ body: () async throws -> ServedModel) async -> ServingError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? ServingError)?.code
        }
    }

    @Test func thoseThatFindRoomAreLoadedAtTheStartPinnedOnesFirst() async throws {
        let models = try Models(["a", "b", "c", "d"], budget: 25, pinned: ["d"])
        await models.isStarted()
        #expect(models.states() == ["ready", "unloaded", "unloaded", "ready"])
        #expect(models.store.readiness == .ready && models.store.firstName == "a")
        #expect(try await models.model("c").echo([7]) == [7])
        #expect(models.states() == ["unloaded", "unloaded", "ready", "ready"])
    }

    @Test func everyRequestIsAnsweredThoughFewModelsHaveRoom() async throws {
        let names = (0..<12).map { "m\($0)" }
        let models = try Models(names, budget: 45)
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<6 {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(client))
                    var answered = 0
                    for _ in 0..<20 {
                        let name = names[Int.random(in: 0..<names.count, using: &random)]
                        let id = Int.random(in: 20..<90, using: &random)
                        answered += try await models.model(name).echo([id]) == [id] ? 1 : 0
                    }
                    return answered
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(answered == 120)
        #expect(models.ledger.bytesReserved <= 45)
    }

    @Test func withoutTimeToWaitTheyAreToldToComeBackAndTheModelIsLoaded() async throws {
        let models = try Models(["a", "b"], budget: 10, loadTimeout: .zero)
        await models.isStarted()
        #expect(await Self.code { try await models.model("b") } == .modelLoading)
        while models.states() != ["unloaded", "ready"] { await Task.yield() }
        #expect(try await models.model("b").echo([8]) == [8])
        #expect(await Self.code { try await models.model("nothing") } == .modelNotFound)
    }

    @Test func whoHasAModelKeepsItAndWhoWaitsComesNext() async throws {
        let models = try Models(["a", "b"], budget: 10)
        await models.isStarted()
        var held: ServedModel? = try await models.model("a")
        let waiting = Task { try await models.model("b").echo([9]) }
        while models.states() != ["unloaded", "waiting"] { await Task.yield() }
        // It is closed to others, and answers the one who has it.
        let late = Task { try await models.model("a").echo([10]) }
        while models.states() != ["waiting", "waiting"] { await Task.yield() }
        #expect(try await held?.echo([11]) == [11])
        held = nil
        #expect(try await waiting.value == [9])
        #expect(try await late.value == [10])
        #expect(models.states() == ["ready", "unloaded"])
    }

    @Test func aWaitThatIsCancelledIsOverAndTheLoadGoesOn() async throws {
        let models = try Models(["a", "b"], budget: 10)
        await models.isStarted()
        var held: ServedModel? = try await models.model("a")
        let waiting = Task { try await models.model("b") }
        while models.states() != ["unloaded", "waiting"] { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(try await held?.echo([12]) == [12])
        held = nil
        while models.states() != ["unloaded", "ready"] { await Task.yield() }
    }

    @Test func whoWaitsForAModelThatCannotBeLoadedIsTold() async throws {
        let models = try Models(["a"], budget: 10)
        await models.isStarted()
        let large = try models.store.order(Models.source("large", bytes: 11))
        await #expect(throws: WorkspaceError.self) { try await large.arrival() }
        // Nobody left for it.
        #expect(models.states() == ["ready", "failed"])
        let order = try models.store.order(Models.source("damaged", isDamaged: true))
        #expect(order.isNew)
        await #expect(throws: Models.Damaged.self) { try await order.arrival() }
        #expect(await Self.code { try await models.model("damaged") } == .notReady)
        #expect(models.states() == ["unloaded", "failed", "failed"])
        #expect(try await models.model("a").echo([16]) == [16])
    }

    /// Orders "large", which waits for the model in use of a store that has no other.
    private static func large(in models: Models) async throws -> ModelStore.Ordered {
        let large = try models.store.order(Models.source("large", bytes: 25))
        while models.states() != ["unloaded", "waiting"] { await Task.yield() }
        return large
    }

    @Test func whatFindsRoomIsLoadedPastOneThatWaits() async throws {
        let models = try Models(["a"], budget: 30)
        await models.isStarted()
        var held: ServedModel? = try await models.model("a")
        let large = try await Self.large(in: models)
        #expect(try await models.store.order(Models.source("small")).arrival().echo([16]) == [16])
        // No more than that was free when it began to wait.
        let late = Task { try await models.store.order(Models.source("late", bytes: 15)).arrival().echo([18]) }
        while models.states().last != "waiting" { await Task.yield() }
        #expect(try await held?.echo([19]) == [19])
        held = nil
        #expect(try await large.arrival().echo([20]) == [20])
        #expect(try await late.value == [18])
        #expect(models.ledger.bytesReserved <= 30)
    }

    @Test func aModelThatWaitsForRoomIsRemovedAndReplaced() async throws {
        let models = try Models(["a"], budget: 30)
        await models.isStarted()
        let held = try await models.model("a")
        let large = try await Self.large(in: models)
        try models.store.unload("large")
        #expect(await Self.code { try await large.arrival() } == .modelNotFound)
        #expect(models.states() == ["unloaded"])
        let first = try await Self.large(in: models)
        // The same keeps its place; another one takes it, and whoever waits has that.
        let same = try models.store.order(Models.source("large", bytes: 25))
        let smaller = try models.store.order(Models.source("large", bytes: 20, edition: 2))
        let arrived = try await smaller.arrival()
        #expect(try await first.arrival().isSame(as: arrived))
        #expect(try await same.arrival().isSame(as: arrived))
        #expect(try await held.echo([21]) == [21])
    }

    @Test func aModelIsReplacedWhenItsSuccessorIsThere() async throws {
        let models = try Models(["a", "b"], budget: 20)
        await models.isStarted()
        var held: ServedModel? = try await models.model("a")
        let order = try models.store.order(Models.source("a", edition: 2))
        #expect(!order.isNew)
        // The other one makes room, and the former serves until then.
        let successor = try await order.arrival()
        #expect(held.map { successor.isSame(as: $0) } == false)
        #expect(try await held?.echo([14]) == [14])
        held = nil
        #expect(try await models.model("a").isSame(as: successor))
        #expect(models.states() == ["ready", "unloaded"])
        await #expect(throws: Models.Damaged.self) {
            try await models.store.order(Models.source("a", isDamaged: true, edition: 3)).arrival()
        }
        #expect(try await models.model("a").isSame(as: successor))
    }

    @Test func aModelOnItsWayIsNotChanged() throws {
        let store = ModelStore(on: try Scheduler(threads: 1))
        _ = try store.order(Models.source("a"))
        let again = #expect(throws: ServingError.self) { try store.order(Models.source("a", edition: 2)) }
        #expect(again?.code == .modelBusy)
        let removal = #expect(throws: ServingError.self) { try store.unload("a") }
        #expect(removal?.code == .modelBusy)
    }

    @Test func aConfigurationIsFollowed() async throws {
        let models = try Models(["a", "b"], budget: 40)
        await models.isStarted()
        _ = try await models.store.order(Models.source("put")).arrival()
        var heavy = Models.source("a", isPinned: true)
        heavy.serving.weight = 3
        let changes = models.store.follow([Models.source("c"), heavy])
        #expect(changes == ModelStore.Changes(ordered: ["c"], adjusted: ["a"], removed: ["b"]))
        #expect(models.store.all.map(\.name) == ["c", "a", "put"])
        #expect(models.store.status(of: "a")?.isPinned == true)
        #expect(models.store.status(of: "a")?.serving?.weight == 3)
        while models.states() != ["ready", "ready", "ready"] { await Task.yield() }
        #expect(models.store.follow([Models.source("c"), heavy]) == ModelStore.Changes())
        // What was removed by hand comes back.
        try models.store.unload("c")
        #expect(models.store.follow([Models.source("c"), heavy]).ordered == ["c"])
    }

    @Test func whoWaitsIsToldWhenTheServerGoesDown() async throws {
        let models = try Models(["a", "b"], budget: 10)
        await models.isStarted()
        let held = try await models.model("a")
        let waiting = Task { try await models.model("b") }
        while models.states() != ["unloaded", "waiting"] { await Task.yield() }
        models.store.drain()
        #expect(await Self.code { try await waiting.value } == .shuttingDown)
        #expect(try await held.echo([15]) == [15])
    }
}
