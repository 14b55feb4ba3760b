import PenstockCompute

/// Operations on rows of 768 columns: a block, which stays in a core's cache, and as many as do not.
enum RowBenchmark {
    private static let columns = 768

    private struct Buffers {
        let input: Matrix  // [R, 2C]
        let output: Matrix  // [R, C]
        let rounded: Matrix  // [R, C] of bfloat16
        let panels: Matrix  // [C / 64][R][64]
        let roundedPanels: Matrix

        init(rows: Int, from workspace: Workspace) {
            input = workspace.matrix(rows: rows, columns: 2 * columns)
            output = workspace.matrix(rows: rows, columns: columns)
            rounded = workspace.matrix(rows: rows, columns: columns, precision: .bfloat16)
            panels = workspace.panels(rows: rows, columns: columns)
            roundedPanels = workspace.panels(rows: rows, columns: columns, precision: .bfloat16)
        }
    }

    /// An operation, and the bytes that it reads and writes for each of its columns.
    private typealias Operation = (name: String, bytes: Int, body: () -> Void)

    static func run(on cpu: CPU) throws {
        print("\nrow operations: GB read and written in a second")
        let counts = [48, 8192]
        print(KernelBenchmark.pad("", 28) + counts.map { KernelBenchmark.pad("\($0) rows") }.joined())
        let results = try counts.map { try speeds(rows: $0, on: cpu) }
        for (index, result) in results[0].enumerated() {
            let cells = results.map { KernelBenchmark.pad(KernelBenchmark.number($0[index].speed, digits: 1)) }
            print(KernelBenchmark.pad(result.name, 28) + cells.joined())
        }
    }

    private static func speeds(rows: Int, on cpu: CPU) throws -> [(name: String, speed: Double)] {
        let workspace = try Workspace { _ = Buffers(rows: rows, from: $0) }
        let buffers = Buffers(rows: rows, from: workspace)
        for matrix in [buffers.input, buffers.output, buffers.panels, buffers.roundedPanels] {
            try matrix.randomise(on: cpu)
        }
        let operations = try operations(buffers, rows: rows, on: cpu)
        return withExtendedLifetime(workspace) {
            let times = KernelBenchmark.leastTimes(
                operations.map(\.body), rounds: 25, repeats: max(1, 4096 / rows))
            return zip(operations, times).map { ($0.name, Double($0.bytes * rows * columns) / $1 / 1e9) }
        }
    }

    private static func operations(_ buffers: Buffers, rows: Int, on cpu: CPU) throws -> [Operation] {
        let halves = (buffers.input.columns(0..<columns), buffers.input.columns(columns..<2 * columns))
        let (input, output) = (halves.0, buffers.output)
        let frequencies = RotaryTable.frequencies(theta: 10_000, size: 64)
        let table = try RotaryTable(frequencies: frequencies, positions: rows)
        let positions = (0..<rows).map { Int32($0) }
        let ones = [Float](repeating: 1, count: columns)
        let (gainAndShift, gain) = (
            LayerNorm(weight: ones, bias: ones, epsilon: 1e-5), LayerNorm(weight: ones, epsilon: 1e-5)
        )
        let rms = RMSNorm(weight: ones, epsilon: 1e-6)
        func rotate(_ matrix: Matrix, _ pairing: RotaryPairing) {
            cpu.rotate(matrix, positions: positions[...], table, headSize: 64, pairing: pairing)
        }
        return [
            ("copy", 8, { for row in 0..<rows { _ = output.row(row).update(from: input.row(row)) } }),
            ("layer norm", 8, { cpu.layerNorm(input, gainAndShift, into: output) }),
            ("layer norm without shift", 8, { cpu.layerNorm(input, gain, into: output) }),
            ("RMS norm", 8, { cpu.rmsNorm(input, rms, into: output) }),
            ("GELU gate", 12, { cpu.gate(buffers.input, activation: .gelu, into: output) }),
            ("SiLU gate", 12, { cpu.gate(buffers.input, activation: .silu, into: output) }),
            ("GELU gate to bfloat16", 10, { cpu.gate(buffers.input, activation: .gelu, into: buffers.rounded) }),
            ("rotate halves", 8, { rotate(buffers.panels, .halves) }),
            ("rotate neighbours", 8, { rotate(buffers.panels, .neighbours) }),
            ("rotate halves, bfloat16", 4, { rotate(buffers.roundedPanels, .halves) }),
            ("rotate neighbours, bfloat16", 4, { rotate(buffers.roundedPanels, .neighbours) }),
        ]
    }
}
