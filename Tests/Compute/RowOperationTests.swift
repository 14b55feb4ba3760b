import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct RowOperationTests {
    @Test func embedReadsAndAddsRows() {
        var random = SeededGenerator(seed: 1)
        let (count, columns) = (11, 21)
        let values = random.floats(count * columns)
        let table = withWeights(values, rows: count, columns: columns) { weights in
            required { try Embedding(weights, in: makeTurns(threads: 2)) }
        }
        #expect(table.count == count)
        let ids: [Int32] = [10, 0, 3, 3, 7]
        let expected = ids.flatMap { values[Int($0) * columns..<(Int($0) + 1) * columns] }
        let cpu = makeCPU(threads: 2)
        withWorkspace { workspace in
            let output = workspace.matrix(rows: ids.count, columns: columns, random.floats(ids.count * columns))
            cpu.embed(ids[...], table, into: output)
            #expect(output.values == expected)
            cpu.embed(ids.reversed()[...], table, adding: true, into: output)
            let reversed = ids.reversed().flatMap { values[Int($0) * columns..<(Int($0) + 1) * columns] }
            #expect(output.values == zip(expected, reversed).map { $0 + $1 })
            cpu.embed([], table, into: workspace.matrix(rows: 0, columns: columns))
        }
    }

    @Test func gatherTakesRows() {
        var random = SeededGenerator(seed: 2)
        let cpu = makeCPU(threads: 1)
        withWorkspace { workspace in
            let input = workspace.matrix(rows: 9, columns: 17, random.floats(9 * 17))
            let rows = [0, 8, 3, 3, 5, 1]
            let output = workspace.matrix(rows: 4, columns: 17)
            cpu.gather(input, rows: rows[1..<5], into: output)
            #expect(output.values == [8, 3, 3, 5].flatMap { Array(input.row($0)) })
            cpu.gather(input, rows: [104, 100, 108], from: 100, into: output.rows(0..<3))
            #expect(output.rows(0..<3).values == [4, 0, 8].flatMap { Array(input.row($0)) })
        }
    }

    /// Of equal numbers the first; of none above -∞ the first of all.
    @Test func greatestOfEachRow() {
        var random = SeededGenerator(seed: 9)
        for (cpu, columns) in [(makeCPU(threads: 1), 5000), (makeCPU(threads: 2), 3000), (makeCPU(threads: 2), 1)] {
            withWorkspace { workspace in
                let values = (0..<7 * columns).map { _ in Float(Int.random(in: -9...0, using: &random)) }
                let matrix = workspace.matrix(rows: 7, columns: columns, values)
                matrix.row(6).update(repeating: -.infinity)
                var places = [Int32](repeating: -1, count: 7)
                places.withUnsafeMutableBufferPointer { cpu.findGreatest(matrix, into: $0) }
                for row in 0..<7 {
                    let greatest = matrix.row(row).max()
                    #expect(Int(places[row]) == matrix.row(row).firstIndex { $0 == greatest }, "row \(row)")
                }
            }
        }
    }

    /// Into a row of its own, the first of the rows, and one before them.
    @Test(arguments: [1, 2, 3, 29])
    func meanOfRows(count: Int) {
        var random = SeededGenerator(seed: 7)
        let values = random.floats((count + 2) * 21)
        let expected = (0..<21).map { column in
            var sum = values[2 * 21 + column]
            for row in 1..<max(1, count) { sum += values[(2 + row) * 21 + column] }
            return sum / Float(count)
        }
        for cpu in [makeCPU(threads: 1), makeCPU(threads: 2)] {
            for target in 0...2 {
                withWorkspace(filledWith: .nan) { workspace in
                    let matrix = workspace.matrix(rows: count + 2, columns: 21, values)
                    cpu.mean(matrix.rows(2..<count + 2), into: matrix.rows(target..<target + 1))
                    #expect(matrix.rows(target..<target + 1).values == expected)
                }
            }
        }
    }

    /// Rows that ascend may move to the front of their own matrix.
    @Test func gatherInPlace() {
        var random = SeededGenerator(seed: 4)
        let cpu = makeCPU(threads: 1)
        for _ in 0..<50 {
            let count = Int.random(in: 1...20, using: &random)
            let values = random.floats(count * 17)
            let rows = (0..<count).filter { _ in Bool.random(using: &random) }
            withWorkspace(filledWith: .nan) { workspace in
                let matrix = workspace.matrix(rows: count, columns: 17, values)
                cpu.gather(matrix, rows: rows[...], into: matrix.rows(rows.indices))
                #expect(matrix.rows(rows.indices).values == rows.flatMap { values[$0 * 17..<($0 + 1) * 17] })
            }
        }
    }

    @Test(arguments: [1, 2, 33, 128])
    func gatherOfBrainFloats(columns: Int) {
        var random = SeededGenerator(seed: 5)
        let cpu = makeCPU(threads: 1)
        let values = random.floats(9 * columns).map { Float(bFloat16: $0.nearestBFloat16) }
        withWorkspace(filledWith: .nan) { workspace in
            let input = workspace.matrix(rows: 9, columns: columns, precision: .bfloat16)
            cpu.write(values, into: input, workspace)
            cpu.gather(input, rows: [1, 2, 7, 8], into: input.rows(0..<4))
            let expected = [1, 2, 7, 8].flatMap { Array(values[$0 * columns..<($0 + 1) * columns]) }
            #expect(cpu.read(input.rows(0..<4), workspace) == expected)
        }
    }

    @Test(arguments: [(0, 5), (1, 1), (3, 7), (700, 33), (50, 768)])
    func layerNormOnAnyThreads(rows: Int, columns: Int) {
        var random = SeededGenerator(seed: 3)
        let layer = LayerNorm(weight: random.floats(columns), bias: random.floats(columns), epsilon: 1e-5)
        let values = random.floats(rows * columns)
        withWorkspace { workspace in
            let input = workspace.matrix(rows: rows, columns: columns, values)
            let alone = workspace.matrix(rows: rows, columns: columns)
            for row in 0..<rows {
                makeCPU(threads: 1).layerNorm(input.rows(row..<row + 1), layer, into: alone.rows(row..<row + 1))
            }
            for threads in 1...3 {
                let output = workspace.matrix(rows: rows, columns: columns, values)
                makeCPU(threads: threads).layerNorm(output, layer, into: output)
                #expect(output.values == alone.values, "\(threads) threads")
            }
        }
    }

    @Test func softmaxOfABuffer() {
        var values: [Float] = [1, 1, 1, 1]
        values.withUnsafeMutableBufferPointer { makeCPU(threads: 1).softmax($0) }
        #expect(values == [0.25, 0.25, 0.25, 0.25])
        makeCPU(threads: 1).softmax(UnsafeMutableBufferPointer(start: nil, count: 0))
    }
}
