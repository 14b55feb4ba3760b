import PenstockJSON
import PenstockServing
import Synchronization
import Testing

/// Many requests wait at once for a model.
@Suite struct WorkDeskTests {
    private static let many = 20_000

    /// Requests that wait behind one that keeps the engine, until `body` returns; and their outcomes, by code.
    private static func outcomes(
        of client: Client, _ body: (ModelWorker, FakeModel) async throws -> Void
    ) async throws -> [String: Int] {
        let model = FakeModel()
        let worker = try ModelWorker(model) { $0.requestTimeout = .seconds(3600) }
        let holder = Task { try await worker.echo([Int(FakeModel.endless)], within: .seconds(3600)) }
        while model.batches.isEmpty { await Task.yield() }
        return try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<many {
                group.addTask {
                    do {
                        _ = try await worker.answer(.array([.integer(42)]), parameters: JSONObject(), for: client)
                        return "answered"
                    } catch let error as ServingError {
                        return error.code.rawValue
                    }
                }
            }
            while worker.waitingItems < many { await Task.yield() }
            try await body(worker, model)
            holder.cancel()
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    @Test func allAreAnswered() async throws {
        let client = Client(deadline: .now + .seconds(3600))
        let outcomes = try await Self.outcomes(of: client) { _, _ in }
        #expect(outcomes == ["answered": Self.many])
    }

    @Test func thoseWhoHaveGoneAreToldSoWithoutABatch() async throws {
        let isGone = Atomic<Bool>(false)
        let client = Client(deadline: .now + .seconds(3600)) { isGone.load(ordering: .relaxed) }
        let outcomes = try await Self.outcomes(of: client) { _, model in
            #expect(model.batches.count == 1)
            isGone.store(true, ordering: .relaxed)
        }
        #expect(outcomes == ["client_gone": Self.many])
    }

    @Test func aStopTellsAllWhoWait() async throws {
        let client = Client(deadline: .now + .seconds(3600))
        let outcomes = try await Self.outcomes(of: client) { worker, _ in worker.stop() }
        #expect(outcomes == ["shutting_down": Self.many])
    }
}
