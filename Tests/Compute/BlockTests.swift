import PenstockCompute
import PenstockTestSupport
import Synchronization
import Testing

/// Rows divided over the lanes of a `CPU`.
@Suite struct BlockTests {
    /// What the blocks of one division have seen.
    private final class Tally: Sendable {
        private struct State {
            var visits: [Int]
            var busy: Set<ObjectIdentifier> = []
            var clashes = 0
            var ranges: [Range<Int>] = []
        }
        private let state: Mutex<State>

        init(rows: Int) { state = Mutex(State(visits: Array(repeating: 0, count: rows))) }

        func enter(_ range: Range<Int>, _ cpu: CPU) {
            state.withLock {
                if !$0.busy.insert(ObjectIdentifier(cpu)).inserted { $0.clashes += 1 }
                for row in range { $0.visits[row] += 1 }
                $0.ranges.append(range)
            }
        }

        func leave(_ cpu: CPU) { _ = state.withLock { $0.busy.remove(ObjectIdentifier(cpu)) } }

        /// Whether each row came once, and no `CPU` was used by two threads at a time.
        var isRight: Bool { state.withLock { $0.clashes == 0 && $0.visits.allSatisfy { $0 == 1 } } }
        var ranges: [Range<Int>] { state.withLock(\.ranges) }
    }

    @Test(arguments: [1, 2, 3, 5, 8])
    func everyRowOnce(threads: Int) {
        let cpu = makeCPU(threads: threads)
        for rows in Array(0...400) + [575, 576, 577, 767, 768, 769, 1000, 4099] {
            let tally = Tally(rows: rows)
            cpu.forEachBlock(of: rows) { range, lane in
                tally.enter(range, lane)
                lane.forEachBlock(of: range.count) { inner, same in
                    if lane !== cpu && (inner != 0..<range.count || same !== lane) {
                        Issue.record("a block in a block")
                    }
                }
                tally.leave(lane)
            }
            #expect(tally.isRight, "\(rows) rows")
            #expect(tally.ranges.allSatisfy { !$0.isEmpty })
        }
    }

    /// Local memory has room for a block on each lane at a time: what one writes, no other overwrites.
    @Test(arguments: [1, 2, 3, 5])
    func localMemoryIsApart(threads: Int) throws {
        let cpu = makeCPU(threads: threads)
        let workspace = try Workspace {
            _ = cpu.localMatrix(columns: 5, from: $0)
            _ = $0.matrix(rows: 2000, columns: 5)
        }
        for rows in [1, 47, 48, 95, 96, 97, 191, 239, 240, 500, 2000] {
            workspace.reset()
            let local = cpu.localMatrix(columns: 5, from: workspace)
            let result = workspace.matrix(rows: rows, columns: 5)
            cpu.forEachBlock(of: rows) { range, lane in
                let mine = lane.local(local, rows: range.count)
                for (index, row) in range.enumerated() { mine.row(index).update(repeating: Float(row)) }
                for (index, row) in range.enumerated() { _ = result.row(row).update(from: mine.row(index)) }
            }
            #expect(result.values == (0..<rows).flatMap { Array(repeating: Float($0), count: 5) }, "\(rows) rows")
        }
        withExtendedLifetime(workspace) {}
    }

    /// Operations on lanes do what they do on all threads.
    @Test(arguments: Precision.allCases)
    func lanesComputeTheSame(precision: Precision) {
        let (inputs, outputs) = (70, 90)
        let values = (0..<1000 * inputs).map { Float(($0 * 37) % 101) / 50 - 1 }
        let weights = (0..<outputs * inputs).map { Float(($0 * 53) % 97) / 48 - 1 }
        for threads in [1, 2, 3] {
            let cpu = makeCPU(threads: threads)
            let layer = withWeights(weights, rows: outputs, columns: inputs) {
                packedLayer([$0], precision: precision, on: cpu)
            }
            for rows in [1, 100, 333, 1000] {
                withWorkspace { workspace in
                    let input = workspace.matrix(rows: rows, columns: inputs, Array(values.prefix(rows * inputs)))
                    let (whole, blocks) = (
                        workspace.matrix(rows: rows, columns: outputs), workspace.matrix(rows: rows, columns: outputs)
                    )
                    cpu.linear(input, layer, activation: .gelu, into: whole)
                    cpu.forEachBlock(of: rows) { range, lane in
                        lane.linear(input.rows(range), layer, activation: .gelu, into: blocks.rows(range))
                    }
                    #expect(
                        blocks.values.firstDifference(from: whole.values) == nil, "\(rows) rows, \(threads) threads")
                }
            }
        }
    }
}
