import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct LinearTests {
    /// Of each test its own: tests run side by side, and only one thread at a time may use a `CPU`.
    private let processors = [1, 2, 3].map { CPU(threads: $0) }

    /// What the operation promises of each element: fused multiply-adds over the inputs in ascending order.
    private static func expected(
        _ input: [Float], _ weight: [Float], inputs: Int, outputs: Int, bias: [Float]?, activation: Activation,
        residual: [Float]?
    ) -> [Float] {
        (0..<input.count / inputs * outputs).map { index in
            let (row, output) = index.quotientAndRemainder(dividingBy: outputs)
            var sum: Float = 0
            for column in 0..<inputs { sum.addProduct(input[row * inputs + column], weight[output * inputs + column]) }
            sum += bias?[output] ?? 0
            var activated: Float = 0
            Kernels.scalar.table.pointee.activate(1, &sum, activation.kernel, &activated)
            return activated + (residual?[index] ?? 0)
        }
    }

    /// Rows, inputs and outputs around the sizes of tiles, panels and blocks.
    static let shapes: [(rows: Int, inputs: Int, outputs: Int)] = [
        (0, 5, 7), (1, 1, 1), (1, 300, 70), (2, 64, 64), (5, 33, 129), (6, 7, 63), (7, 513, 65), (48, 20, 200),
        (191, 9, 3), (192, 16, 64),
        (193, 5, 66), (400, 31, 97),
    ]

    @Test(arguments: shapes)
    func bitsOfTheDefinitionOnAnyThreads(rows: Int, inputs: Int, outputs: Int) {
        var random = SeededGenerator(seed: UInt64(rows * outputs))
        let (input, weight) = (random.floats(rows * inputs), random.floats(outputs * inputs))
        let bias = Bool.random(using: &random) ? random.floats(outputs) : nil
        let residual = Bool.random(using: &random) ? random.floats(rows * outputs) : nil
        let activation = random.pick(Activation.allCases)
        let layer = withWeights(weight, rows: outputs, columns: inputs) { Linear([$0], bias: bias) }
        #expect(layer.inputs == inputs && layer.outputs == outputs)
        let expected = Self.expected(
            input, weight, inputs: inputs, outputs: outputs, bias: bias, activation: activation, residual: residual)
        for cpu in processors {
            let found = withWorkspace { workspace in
                let output = workspace.matrix(rows: rows, columns: outputs)
                cpu.linear(
                    workspace.matrix(rows: rows, columns: inputs, input), layer, activation: activation,
                    residual: residual.map { workspace.matrix(rows: rows, columns: outputs, $0) }, into: output)
                return output.values
            }
            #expect(found.firstDifference(from: expected) == nil, "\(cpu.threads) threads")
        }
    }

    /// A row has the same bits alone, among others, and as a part of wider matrices.
    @Test func companyDoesNotMatter() {
        var random = SeededGenerator(seed: 2)
        let (rows, inputs, outputs) = (211, 77, 100)
        let layer = withWeights(random.floats(outputs * inputs), rows: outputs, columns: inputs) {
            Linear([$0], bias: random.floats(outputs))
        }
        withWorkspace { workspace in
            let input = workspace.matrix(rows: rows, columns: inputs + 20, random.floats(rows * (inputs + 20))).columns(
                9..<9 + inputs)
            let together = workspace.matrix(rows: rows, columns: outputs)
            processors[1].linear(input, layer, activation: .gelu, into: together)
            let apart = workspace.matrix(rows: rows, columns: outputs + 5).columns(5..<5 + outputs)
            var start = 0
            while start < rows {
                let range = start..<min(rows, start + Int.random(in: 1...40, using: &random))
                processors[2].linear(input.rows(range), layer, activation: .gelu, into: apart.rows(range))
                start = range.upperBound
            }
            #expect(apart.values.firstDifference(from: together.values) == nil)
        }
    }

    @Test func matricesSideBySide() {
        var random = SeededGenerator(seed: 3)
        let inputs = 19
        let heights = [1, 63, 7, 130, 64, 5]
        let weights = heights.map { random.floats($0 * inputs) }
        func pack(_ index: Int, _ packed: [WeightMatrix]) -> Linear {
            guard index < heights.count else { return Linear(packed) }
            return withWeights(weights[index], rows: heights[index], columns: inputs) { pack(index + 1, packed + [$0]) }
        }
        let layer = pack(0, [])
        #expect(layer.outputs == heights.reduce(0, +) && layer.bias == nil)
        let all = weights.flatMap { $0 }
        // [panel][input][column], zero behind the last column
        for panel in 0..<Linear.panelCount(layer.outputs) {
            for input in 0..<inputs {
                for column in 0..<Linear.panelWidth {
                    let output = panel * Linear.panelWidth + column
                    let found = layer.panels.base[(panel * inputs + input) * Linear.panelWidth + column]
                    guard found == (output < layer.outputs ? all[output * inputs + input] : 0) else {
                        Issue.record("panel \(panel), input \(input), column \(column)")
                        return
                    }
                }
            }
        }
    }
}
