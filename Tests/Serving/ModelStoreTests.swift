import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Synchronization
import Testing

@Suite struct ModelStoreTests {
    /// How far loads are, and whether they may go on.
    private final class Progress: Sendable {
        let loads = Atomic<Int>(0)
        let isReleased = Atomic<Bool>(false)
    }

    private static func source(_ checkpoint: String, named name: String? = nil) -> ModelSource {
        ModelSource(
            name: name ?? checkpoint, directory: Fixtures.checkpoint(checkpoint), serving: .patient())
    }

    private static func store() throws -> ModelStore { ModelStore(on: try Scheduler(threads: 1)) }

    private static func code(_ body: () throws -> ServedModel) -> ServingError.Code? {
        #expect(throws: ServingError.self) { try body() }?.code
    }

    @Test func modelsAreFoundByNameAndTheFirstWithout() async throws {
        let store = try Self.store()
        #expect(Self.code { try store.model() } == .modelNotFound)
        store.announce(["bert-tiny", "second"])
        #expect(
            Self.code { try store.model() } == .modelLoading
                && Self.code { try store.model("second") } == .modelLoading)
        let second = try await store.load(Self.source("bert-sequence", named: "second"))
        #expect(store.readiness == .loading)
        let first = try await store.load(Self.source("bert-tiny"))
        #expect(store.readiness == .ready)
        #expect(try store.model() === first && store.model("bert-tiny") === first && store.model("second") === second)
        #expect(Self.code { try store.model("third") } == .modelNotFound)
        #expect(store.all.map(\.name) == ["bert-tiny", "second"])
        #expect(try await first.answer(.string("a [MASK]")).first == UInt8(ascii: "["))
        #expect(try await second.answer(.string("a")).isEmpty == false)
        store.drain()
        #expect(store.readiness == .draining && Self.code { try store.model() } == .shuttingDown)
    }

    @Test func aLoadThatFailsFailsAlone() async throws {
        let store = try Self.store()
        let good = try await store.load(Self.source("bert-tiny"))
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-sequence"))
        try directory.write("model.safetensors", Array(try directory.read("model.safetensors").dropLast(100)))
        let damaged = ModelSource(name: "damaged", directory: directory.path, serving: .patient())
        await #expect(throws: CheckpointError.self) { try await store.load(damaged) }
        #expect(store.all.map(\.state.name) == ["ready", "failed"])
        #expect(store.readiness == .ready)
        #expect(Self.code { try store.model("damaged") } == .notReady)
        #expect(try await good.answer(.string("a [MASK]")).isEmpty == false)
        // One that fails takes nobody's place.
        let same = ModelSource(name: "bert-tiny", directory: directory.path, serving: .patient())
        await #expect(throws: CheckpointError.self) { try await store.load(same) }
        #expect(try store.model("bert-tiny") === good)
        try store.unload("damaged")
        #expect(store.all.map(\.name) == ["bert-tiny"])
    }

    @Test func oneOfTheSameNameReplacesTheFormerWhoseRequestsAreAnswered() async throws {
        let store = try Self.store()
        let fake = FakeModel()
        store.add(try ServedModel(fake, named: "m", on: store.scheduler))
        var former: ServedModel? = try store.model("m")
        weak let formerModel = former
        let holder = Task { [former] in try await former?.echo([Int(FakeModel.endless)]) }
        while fake.batches.isEmpty { await Task.yield() }
        let waiting = Task { [former] in try await former?.echo([20, 21]) }
        while former?.waitingItems != 2 { await Task.yield() }
        let new = try ServedModel(FakeModel(), named: "m", on: Scheduler(threads: 1))
        store.add(new)
        #expect(try store.model("m") === new)
        // Who had it before asks it still, be it after its successor has come.
        let late = Task { [former] in try await former?.echo([22]) }
        former = nil
        holder.cancel()
        #expect(try await waiting.value == [20, 21])
        #expect(try await late.value == [22])
        #expect(try await new.echo([23]) == [23])
        while formerModel != nil { await Task.yield() }
    }

    @Test func aDrainingStoreGivesNoModelAndThoseWhoHaveOneAreAnswered() async throws {
        let store = try Self.store()
        let fake = FakeModel()
        let model = try ServedModel(fake, on: store.scheduler)
        store.add(model)
        let holder = Task { try await model.echo([Int(FakeModel.endless)]) }
        while fake.batches.isEmpty { await Task.yield() }
        let waiting = Task { try await model.echo([50, 51]) }
        while model.waitingItems < 2 { await Task.yield() }
        store.drain()
        #expect(Self.code { try store.model() } == .shuttingDown)
        // A request that was being received meanwhile.
        let late = Task { try await model.echo([52]) }
        while model.waitingItems < 3 { await Task.yield() }
        holder.cancel()
        #expect(try await waiting.value == [50, 51])
        #expect(try await late.value == [52])
    }

    @Test func loadsWaitForEachOtherAndMayBeCancelled() async throws {
        let store = try Self.store()
        let progress = Progress()
        let first = Task {
            try await store.load(named: "first") {
                progress.loads.add(1, ordering: .relaxed)
                while !progress.isReleased.load(ordering: .relaxed) {}
                return try ServedModel(FakeModel(), named: "first", on: store.scheduler)
            }
        }
        while progress.loads.load(ordering: .relaxed) == 0 { await Task.yield() }
        let second = Task {
            try await store.load(named: "second") {
                progress.loads.add(1, ordering: .relaxed)
                return try ServedModel(FakeModel(), named: "second", on: store.scheduler)
            }
        }
        while store.all.count < 2 { await Task.yield() }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(progress.loads.load(ordering: .relaxed) == 1)
        progress.isReleased.store(true, ordering: .relaxed)
        #expect(try await first.value.name == "first")
        #expect(store.all.map(\.state.name) == ["ready", "failed"])
        let again = try await store.load(named: "second") {
            try ServedModel(FakeModel(), named: "second", on: store.scheduler)
        }
        #expect(try store.model("second") === again)
    }

    @Test func aModelThatNobodyHasAnyMoreIsFreed() async throws {
        let store = try Self.store()
        weak var loaded: LoadedModel?
        do { loaded = try await store.load(Self.source("bert-tiny")).loaded }
        #expect(loaded != nil && store.scheduler.arenaBytes > 0)
        try store.unload("bert-tiny")
        while loaded != nil { await Task.yield() }
        while store.scheduler.arenaBytes > 0 { await Task.yield() }
    }

    @Test func aModelForWhichThereIsNoMemoryIsRefusedBeforeItIsLoaded() async throws {
        let limit = Atomic<Int>(200 << 20)
        let ledger = MemoryLedger {
            MemoryLimit(.controlGroup, limit: limit.load(ordering: .relaxed), used: 0)
        } ownBytes: {
            0
        }
        let store = ModelStore(on: try Scheduler(threads: 1, ledger: ledger))
        let first = try await store.load(Self.source("bert-tiny"))
        #expect(ledger.bytesReserved > 0)
        let reserved = ledger.bytesReserved
        limit.store(reserved + (32 << 20) + 10_000, ordering: .relaxed)
        let error = await #expect(throws: WorkspaceError.self) {
            try await store.load(Self.source("bert-untied", named: "second"))
        }
        #expect(error?.message.contains("only 32 MiB of memory are left") == true, "\(error?.message ?? "")")
        #expect(ledger.bytesReserved == reserved)
        #expect(try await first.answer(.string("a [MASK]")).isEmpty == false)
        try store.unload("bert-tiny")
        withExtendedLifetime(first) {}
    }

    /// Memory beyond what the model and its passes take, and whether that is enough to see what batches cost.
    @Test(arguments: [(0, false), (64 << 20, true)]) func theWarmUpMakesDoWithTheMemoryThatIsLeft(
        more: Int, isWarmedUp: Bool
    ) async throws {
        let limit = Atomic<Int>(1 << 30)
        let ledger = MemoryLedger {
            MemoryLimit(.controlGroup, limit: limit.load(ordering: .relaxed), used: 0)
        } ownBytes: {
            0
        }
        let store = ModelStore(on: try Scheduler(threads: 1, ledger: ledger))
        // Its passes use the arena of the first, so that it needs no more than its weights.
        let first = try await store.load(Self.source("bert-tiny"))
        let before = ledger.bytesReserved
        let twin = try await store.load(Self.source("bert-tiny", named: "twin"))
        let weights = ledger.bytesReserved - before
        var source = Self.source("bert-tiny", named: "warm")
        source.serving.warmsUp = true
        limit.store(ledger.bytesReserved + weights + (32 << 20) + more, ordering: .relaxed)
        let warm = try await store.load(source)
        let costs = warm.startReport.last ?? ""
        #expect(costs.contains("; 0.0 ms per batch + 0.0 ms per 1,000 tokens") != isWarmedUp, "\(costs)")
        withExtendedLifetime((first, twin)) {}
    }
}
