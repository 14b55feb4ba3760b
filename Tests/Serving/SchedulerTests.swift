import PenstockJSON
import PenstockServing
import Synchronization
import Testing

/// Many requests wait at once for a model.
@Suite struct SchedulerTests {
    private static let many = 20_000

    /// Requests that wait behind one that keeps the engine, until `body` returns; and their outcomes, by code.
    private static func outcomes(
        of client: Client, _ body: (ServedModel, FakeModel) async throws -> Void
    ) async throws -> [String: Int] {
        let model = FakeModel()
        let worker = try ServedModel(model) { $0.requestTimeout = .seconds(3600) }
        let holder = Task { try await worker.echo([Int(FakeModel.endless)], within: .seconds(3600)) }
        while model.batches.isEmpty { await Task.yield() }
        // A group finds each of its tasks that ends among all that it has.
        let requests = (0..<many).map { _ in
            Task {
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
        var outcomes: [String: Int] = [:]
        for request in requests { outcomes[try await request.value, default: 0] += 1 }
        return outcomes
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
