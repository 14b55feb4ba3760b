import PenstockServing
import PenstockTestSupport
import Testing

/// The load that a gate tells balancers: 10 ms per batch, and 1 ms per token.
@Suite struct GateLoadTests: GateTesting {
    private func milliseconds(_ gate: Gate<ManualInstant>, at now: ManualInstant? = nil) -> Double {
        gate.load(at: now ?? start) / .milliseconds(1)
    }

    @Test func anIdleGateHasNone() { #expect(Self.gate().load(at: start) == .zero) }

    @Test func itIsWhatWaitsAndTheRestOfWhatRuns() throws {
        var gate = Self.gate()
        for _ in 0..<3 { _ = try gate.submit(lengths: [100], deadline: far, at: start).get() }
        #expect(abs(milliseconds(gate) - 330) < 0.01)
        #expect(gate.running(0) == 0)
        _ = gate.next(at: start)
        #expect(gate.running(0) == 1)
        #expect(abs(milliseconds(gate) - 330) < 0.01)
        #expect(abs(milliseconds(gate, at: start + .milliseconds(50)) - 280) < 0.01)
        // A batch that takes longer than expected has nothing left.
        #expect(abs(milliseconds(gate, at: start + .seconds(5)) - 220) < 0.01)
        gate.finishBatch(seconds: 0.11)
        #expect(gate.running(0) == 0)
        // It has learned from the batch.
        #expect(abs(milliseconds(gate) - 220) < 1)
    }

    @Test func itIsThatOfAllModels() throws {
        var gate = Gate<ManualInstant>()
        var configuration = GateConfiguration()
        configuration.maxBatchTokens = 100
        let models = (0..<2).map { _ in gate.addModel(configuration, costs: Self.costs()) }
        _ = try gate.submit(.sequences([40]), to: models[0], deadline: far, at: start).get()
        #expect(abs(milliseconds(gate) - 50) < 0.01)
        _ = try gate.submit(.sequences([40]), to: models[1], deadline: far, at: start).get()
        #expect(abs(milliseconds(gate) - 100) < 0.01)
    }
}
