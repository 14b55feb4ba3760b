import CAllocationCounter
import Foundation
import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Synchronization
import Testing

/// Without the optimizer, also code that needs no memory takes some.
private let isOptimized: Bool = {
    #if DEBUG
        false
    #else
        true
    #endif
}()

/// Counted in a process of its own, where no other test allocates.
@Suite(.enabled(if: allocation_counter_works() != 0 && isOptimized)) struct AllocationTests {
    /// Ends when every thread of the pool has come: a thread allocates when it starts.
    private final class MeetingJob: ParallelJob {
        private let threads: Int
        private let arrivals = Atomic<Int>(0)

        init(threads: Int) { self.threads = threads }

        func run(chunk: Int, thread: Int) {
            arrivals.add(1, ordering: .acquiringAndReleasing)
            while arrivals.load(ordering: .acquiring) < threads { sched_yield() }
        }
    }

    @Test func float32AllocatesNothing() async {
        await #expect(processExitsWith: .success) { try Self.countAllocations(.float32) }
    }

    @Test func bfloat16AllocatesNothing() async {
        await #expect(processExitsWith: .success) { try Self.countAllocations(.bfloat16) }
    }

    @Test func int8AllocatesNothing() async {
        await #expect(processExitsWith: .success) { try Self.countAllocations(.int8) }
    }

    private static func countAllocations(_ precision: Precision) throws {
        // Of each number of threads a small batch, and one that is divided over the lanes and into groups.
        for (threads, copies) in [(1, 1), (2, 1), (2, 30)] {
            let cpu = makeCPU(threads: threads)
            cpu.run(MeetingJob(threads: cpu.threads), chunks: cpu.threads)
            for (name, readout) in [
                ("bert-tiny", Readout.vocabularyLogits), ("bert-tiny", .hiddenStates), ("bert-encoder", .pooled),
                ("bert-odd", .vocabularyLogits), ("mpnet-masked", .hiddenStates),
                ("electra-masked-wide", .vocabularyLogits), ("albert-sequence", .sequenceLogits),
                ("modernbert-masked", .vocabularyLogits), ("modernbert-sequence", .sequenceLogits),
                ("nomic-masked", .hiddenStates), ("gte-sequence", .sequenceLogits),
                ("deberta-masked", .hiddenStates),
            ] {
                let model = try load(Fixtures.checkpoint(name), readout, precision)
                var random = SeededGenerator(seed: 1)
                var batch = ModelBatch(for: model)
                for length in repeatElement([5, model.limits.tokens, 1, 17], count: copies).joined() {
                    let sequence = model.sequence(length: length, &random)
                    let some = (0..<length).filter { !$0.isMultiple(of: 7) }
                    batch.append(readout.isOfSequences ? sequence : sequence.reading(some))
                }
                let workspace = try model.workspace(tokens: batch.packed.tokens, on: cpu)
                var sum: Float = 0
                func pass() throws {
                    _ = try model.forward(batch, on: cpu, in: workspace, isWanted: { true }) {
                        range, readout in
                        for row in 0..<range.count { sum += readout.row(row)[0] }
                    }
                }
                try pass()
                allocation_counter_start()
                for _ in 0..<(copies == 1 ? 50 : 5) { try pass() }
                let allocations = allocation_counter_stop()
                #expect(allocations == 0, "\(allocations) allocations: \(name), \(readout), \(threads) threads")
                #expect(sum.isFinite)
            }
        }
    }

    @Test func allocationsAreCounted() async {
        await #expect(processExitsWith: .success) {
            var batch = PackedBatch(positions: .fromZero)
            allocation_counter_start()
            batch.append(ids: [1, 2, 3], typeIDs: [0, 0, 0])
            let allocations = allocation_counter_stop()
            #expect(allocations >= 4 && batch.tokens == 3)
        }
    }
}
