import Foundation
import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct RotationTests {
    private static func table(pairs: Int, positions: Int = 100) -> RotaryTable {
        let frequencies = RotaryTable.frequencies(theta: 10_000, size: 2 * pairs)
        return required { try RotaryTable(frequencies: frequencies, positions: positions) }
    }

    /// The two numbers of each pair.
    private static func places(_ pair: Int, of pairs: Int, _ pairing: RotaryPairing) -> (Int, Int) {
        pairing == .halves ? (pair, pair + pairs) : (2 * pair, 2 * pair + 1)
    }

    /// Row by row and pair by pair, in double precision.
    private static func exact(
        _ values: [Float], columns: Int, positions: [Int32], pairs: Int, headSize: Int, _ pairing: RotaryPairing
    ) -> [Double] {
        let frequencies = RotaryTable.frequencies(theta: 10_000, size: 2 * pairs)
        var result = values.map(Double.init)
        for (row, position) in positions.enumerated() {
            for start in stride(from: row * columns, to: (row + 1) * columns, by: headSize) {
                for pair in 0..<pairs {
                    let angle = Double(Float(position) * frequencies[pair])
                    let (first, second) = places(pair, of: pairs, pairing)
                    let (a, b) = (Double(values[start + first]), Double(values[start + second]))
                    result[start + first] = a * cos(angle) - b * sin(angle)
                    result[start + second] = b * cos(angle) + a * sin(angle)
                }
            }
        }
        return result
    }

    /// Queries of every layout: in panels and in whole rows, from a column within a panel on.
    @Test(arguments: [RotaryPairing.halves, .neighbours], [Precision.float32, .bfloat16])
    func turnsEachHead(pairing: RotaryPairing, precision: Precision) {
        var random = SeededGenerator(seed: 1)
        for (heads, headSize, pairs) in [
            (1, 2, 1), (3, 8, 4), (5, 32, 16), (5, 32, 5), (2, 64, 32), (3, 64, 7), (2, 6, 3), (3, 72, 36), (2, 80, 16),
            (2, 7, 3), (1, 5, 0), (4, 128, 64),
        ] {
            let shape = AttentionShape(heads: heads, headSize: headSize, scale: 1)
            let (rows, columns) = (23, heads * headSize)
            let positions = (0..<rows).map { _ in Int32.random(in: 0..<100, using: &random) }
            let values = random.floats(rows * 3 * columns, scale: 2)
            let isNarrow = precision == .bfloat16 && 64.isMultiple(of: headSize)
            let stored = isNarrow ? values.map { Float(bFloat16: $0.nearestBFloat16) } : values
            for kernels in Kernels.available {
                let cpu = makeCPU(threads: 2, kernels: kernels)
                withWorkspace(filledWith: .nan) { workspace in
                    let input = cpu.attentionInput(
                        rows: rows, columns: 3 * columns, shape: shape, precision: precision, from: workspace)
                    #expect(input.precision == (isNarrow ? .bfloat16 : .float32))
                    cpu.write(values, into: input, workspace)
                    // The keys, in the middle.
                    cpu.rotate(
                        input.columns(columns..<2 * columns), positions: positions[...],
                        Self.table(pairs: pairs), headSize: headSize, pairing: pairing)
                    let found = cpu.readAnyLayout(input, workspace)
                    for part in 0..<3 {
                        func cut<Number>(_ all: [Number]) -> [Number] {
                            (0..<rows).flatMap { all[($0 * 3 + part) * columns..<($0 * 3 + part + 1) * columns] }
                        }
                        guard part == 1 else {
                            #expect(cut(found) == cut(stored), "beside the keys")
                            continue
                        }
                        let exact = Self.exact(
                            cut(stored), columns: columns, positions: positions, pairs: pairs, headSize: headSize,
                            pairing)
                        let relative = isNarrow ? 0x1p-8 : 0
                        let worst = zip(cut(found), exact).map { abs(Double($0) - $1) - abs($1) * relative }.max() ?? 0
                        #expect(worst < 6e-7, "\(kernels.name), \(heads) heads of \(headSize), \(pairs) pairs")
                    }
                }
            }
        }
    }

    /// The same bits on any number of threads and in blocks on lanes.
    @Test(arguments: [Precision.float32, .bfloat16])
    func companyAndThreadsDoNotMatter(precision: Precision) {
        var random = SeededGenerator(seed: 2)
        let (rows, columns, table) = (700, 128, Self.table(pairs: 32))
        let values = random.floats(rows * columns)
        let positions = (0..<rows).map { Int32($0 % 100) }
        func run(_ cpu: CPU, _ rotate: (Matrix) -> Void) -> [Float] {
            withWorkspace { workspace in
                let matrix = workspace.panels(rows: rows, columns: columns, precision: precision)
                cpu.write(values, into: matrix, workspace)
                rotate(matrix)
                return cpu.readAnyLayout(matrix, workspace)
            }
        }
        let alone = makeCPU(threads: 1)
        let expected = run(alone) { matrix in
            for row in 0..<rows {
                alone.rotate(matrix.rows(row..<row + 1), positions: positions[row...row], table, headSize: 64)
            }
        }
        for threads in 1...3 {
            let cpu = makeCPU(threads: threads)
            #expect(run(cpu) { cpu.rotate($0, positions: positions[...], table, headSize: 64) } == expected)
            let blocks = run(cpu) { matrix in
                cpu.forEachBlock(of: rows) { range, lane in
                    lane.rotate(matrix.rows(range), positions: positions[range], table, headSize: 64)
                }
            }
            #expect(blocks == expected, "\(threads) threads")
        }
    }

    @Test func positionZeroTurnsNothing() {
        let values: [Float] = [1, -2, 0, -0.0, 5, 6, 7, 8]
        withWorkspace { workspace in
            let matrix = workspace.matrix(rows: 1, columns: 8, values)
            makeCPU(threads: 1).rotate(matrix, positions: [0], Self.table(pairs: 4), headSize: 8)
            #expect(matrix.values == values)
        }
    }
}

extension CPU {
    /// The values of a matrix of any precision and layout.
    func readAnyLayout(_ matrix: Matrix, _ workspace: Workspace) -> [Float] {
        let width = Linear.panelWidth
        let parts = stride(from: 0, to: matrix.columns, by: width).map { column in
            let count = min(width, matrix.columns - column)
            return (count, read(matrix.columns(column..<column + count), workspace))
        }
        return (0..<matrix.rows).flatMap { row in parts.flatMap { $1[row * $0..<(row + 1) * $0] } }
    }
}
