import PenstockJSON
import PenstockPipelines
import PenstockServing
import Synchronization
import Testing

/// What happens to requests when a batch fails, takes too long, or loses those who wait for it.
@Suite struct ServedModelFaultTests {
    @Test func aFailingSequenceIsFoundAndItsNeighboursAreAnswered() async throws {
        let model = FakeModel()
        let worker = try ServedModel(model)
        // The engine is held until all have come, so that they share a batch.
        let holder = Task { try await worker.echo([Int(FakeModel.endless)]) }
        while model.batches.isEmpty { await Task.yield() }
        let good = (0..<20).map { index in Task { try await worker.echo([index + 30, index + 60]) } }
        let poisoned = Task { try await worker.echo([20, Int(FakeModel.poison), 21]) }
        while worker.waitingItems < 43 { await Task.yield() }
        holder.cancel()
        for (index, task) in good.enumerated() {
            #expect(try await task.value == [index + 30, index + 60])
        }
        await #expect(throws: FakeModel.Poisoned.self) { try await poisoned.value }
        #expect(model.batches[1].count == 43)
        #expect(try await worker.echo([5]) == [5])
    }

    @Test func aDeadlineComesWhileTheBatchRunsAndEndsIt() async throws {
        let model = FakeModel()
        let worker = try ServedModel(model)
        let error = await #expect(throws: ServingError.self) {
            try await worker.echo([Int(FakeModel.endless)], within: .milliseconds(300))
        }
        #expect(error?.code == .deadlineExceeded)
        // The pass that nobody waited for any more ended, else this one would never be answered.
        #expect(try await worker.echo([7]) == [7])
    }

    @Test func aBatchWhoseClientsHangUpEndsAndTheyGetNoAnswer() async throws {
        let model = FakeModel()
        let worker = try ServedModel(model)
        let isGone = Atomic<Bool>(false)
        let gone = Client(deadline: .now + .seconds(3600)) { isGone.load(ordering: .relaxed) }
        let ids: [JSONValue] = [.integer(Int(FakeModel.endless)), .integer(40)]
        let abandoned = Task { try await worker.answer(.array(ids), parameters: JSONObject(), for: gone) }
        while model.batches.isEmpty { await Task.yield() }
        isGone.store(true, ordering: .relaxed)
        await #expect(throws: ServingError.self) { try await abandoned.value }
        #expect(try await worker.echo([7]) == [7])
    }

    @Test func workOfClientsThatHaveGoneIsNotRun() async throws {
        let model = FakeModel()
        let worker = try ServedModel(model)
        let holder = Task { try await worker.echo([Int(FakeModel.endless)]) }
        while model.batches.isEmpty { await Task.yield() }
        let isGone = Atomic<Bool>(false)
        let gone = Client(deadline: .now + .seconds(3600)) { isGone.load(ordering: .relaxed) }
        let abandoned = Task { try await worker.answer(.array([.integer(40)]), parameters: JSONObject(), for: gone) }
        let cancelled = Task { try await worker.echo([41]) }
        let kept = Task { try await worker.echo([42]) }
        while worker.waitingItems < 3 { await Task.yield() }
        isGone.store(true, ordering: .relaxed)
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        holder.cancel()
        #expect(try await kept.value == [42])
        await #expect(throws: ServingError.self) { try await abandoned.value }
        #expect(model.batches.dropFirst().allSatisfy { $0 == [42] })
        #expect(worker.waitingItems == 0)
    }

    @Test func tooLittleMemoryIsSaidWithTheArithmetic() throws {
        let pipeline = JSONPipeline(EchoTask(), named: ["echo"], on: LoadedModel(FakeModel(), name: "fake"))
        let memory = MemoryLimit(.controlGroup, limit: 64 << 20, used: 63 << 20)
        let error = #expect(throws: WorkspaceError.self) {
            try ServedModel(pipeline, ServingConfiguration(), threads: 1, memory: memory)
        }
        #expect(error?.message.contains("64 tokens") == true)
    }
}
