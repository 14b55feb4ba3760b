import PenstockCompute
import PenstockTestSupport
import Synchronization
import Testing

/// How weights are read in turns: alone once and in one turn, beside others ahead of each of several turns.
@Suite struct ComputeTurnsTests {
    private struct Counts: Equatable {
        var bytesRead = 0
        var bytesFetched = 0
        var turns = 0
    }

    private static let rows = 64 * Linear.panelWidth
    private static let columns = 3

    /// Packs a layer, and returns what was done for it, and the sums of its outputs.
    private static func packed(isAlone: Bool) throws -> (Counts, [Float]) {
        let counts = Mutex(Counts())
        let matrix = WeightMatrix(
            element: .float32, rows: rows, columns: columns,
            fetch: { bytes in counts.withLock { $0.bytesFetched += bytes.count } },
            read: { offset, buffer in
                counts.withLock { $0.bytesRead += buffer.count }
                for place in 0..<buffer.count / 4 {
                    buffer.storeBytes(of: Float(offset / 4 + place), toByteOffset: 4 * place, as: Float.self)
                }
            })
        let cpu = makeCPU(threads: 2)
        let turns = ComputeTurns(threads: 2, kernels: cpu.kernels) {
            isAlone
        } begin: { () throws(TurnsEnded) in
            counts.withLock { $0.turns += 1 }
            return cpu
        } end: { _ in
        }
        let layer = try Linear([matrix], in: turns)
        let sums = withWorkspace { workspace in
            let output = workspace.matrix(rows: 1, columns: rows)
            cpu.linear(workspace.matrix(rows: 1, columns: columns, [1, 1, 1]), layer, into: output)
            return output.values
        }
        return (counts.withLock(\.self), sums)
    }

    @Test func whatNobodyWaitsForIsReadOnceInOneTurn() throws {
        let (counts, sums) = try Self.packed(isAlone: true)
        #expect(sums == (0..<Self.rows).map { Float(9 * $0 + 3) })
        #expect(counts == Counts(bytesRead: 4 * Self.rows * Self.columns, bytesFetched: 0, turns: 1))
    }

    @Test func besideOthersItIsFetchedAheadOfItsTurns() throws {
        let bytes = 4 * Self.rows * Self.columns
        let (counts, sums) = try Self.packed(isAlone: false)
        #expect(counts.bytesRead == bytes && counts.bytesFetched == bytes)
        #expect(counts.turns > 1)
        #expect(sums == (0..<Self.rows).map { Float(9 * $0 + 3) })
    }
}
