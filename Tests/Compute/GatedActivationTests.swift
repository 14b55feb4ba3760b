import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct GatedActivationTests {
    @Test(arguments: Activation.allCases, [ColumnHalf.first, .second])
    func activatesOneHalf(activation: Activation, activated: ColumnHalf) {
        var random = SeededGenerator(seed: 1)
        for columns in [1, 2, 3, 16, 33, 70, 100] {
            let values = random.floats(5 * 2 * columns, scale: 4)
            let exact = (0..<5 * columns).map { index in
                let start = index / columns * 2 * columns + index % columns
                let halves = (Double(values[start]), Double(values[start + columns]))
                let (x, factor) = activated == .first ? halves : (halves.1, halves.0)
                return (value: ActivationTests.exact(activation, x) * factor, factor: abs(factor))
            }
            for kernels in Kernels.available {
                let cpu = makeCPU(threads: 2, kernels: kernels)
                withWorkspace(filledWith: .nan) { workspace in
                    let input = workspace.matrix(rows: 5, columns: 2 * columns, values)
                    let output = workspace.matrix(rows: 5, columns: columns)
                    let rounded = workspace.matrix(rows: 5, columns: columns, precision: .bfloat16)
                    cpu.gate(input, activation: activation, activated: activated, into: output)
                    cpu.gate(input, activation: activation, activated: activated, into: rounded)
                    #expect(input.values == values)
                    for (found, exact) in zip(output.values, exact) {
                        #expect(abs(Double(found) - exact.value) <= 5e-7 * exact.factor + abs(exact.value) * 2e-7)
                    }
                    for (found, exact) in zip(cpu.read(rounded, workspace), exact) {
                        #expect(abs(Double(found) - exact.value) <= abs(exact.value) * 0x1p-8 + 2.1e-5 * exact.factor)
                    }
                    for half in [0..<columns, columns..<2 * columns] {
                        let inPlace = workspace.matrix(rows: 5, columns: 2 * columns, values)
                        cpu.gate(inPlace, activation: activation, activated: activated, into: inPlace.columns(half))
                        #expect(inPlace.columns(half).values == output.values, "in place")
                    }
                }
            }
        }
    }

    @Test func companyAndThreadsDoNotMatter() {
        var random = SeededGenerator(seed: 2)
        let (rows, columns) = (300, 77)
        let values = random.floats(rows * 2 * columns)
        withWorkspace { workspace in
            let input = workspace.matrix(rows: rows, columns: 2 * columns, values)
            let alone = workspace.matrix(rows: rows, columns: columns)
            for row in 0..<rows {
                makeCPU(threads: 1).gate(input.rows(row..<row + 1), activation: .gelu, into: alone.rows(row..<row + 1))
            }
            for threads in 1...3 {
                let (cpu, whole) = (makeCPU(threads: threads), workspace.matrix(rows: rows, columns: columns))
                let blocks = workspace.matrix(rows: rows, columns: columns)
                cpu.gate(input, activation: .gelu, into: whole)
                cpu.forEachBlock(of: rows) { range, lane in
                    lane.gate(input.rows(range), activation: .gelu, into: blocks.rows(range))
                }
                #expect(whole.values == alone.values && blocks.values == alone.values, "\(threads) threads")
            }
        }
    }
}
