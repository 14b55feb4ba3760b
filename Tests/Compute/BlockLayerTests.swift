import PenstockCompute
import PenstockTestSupport
import Testing

/// Layers whose weights are in blocks.
@Suite struct BlockLayerTests {
    private static func layer(_ matrices: [WeightMatrix], bias: [Float]? = nil, on cpu: CPU) -> Linear {
        required { try Linear(matrices, bias: bias, format: .blocksOfFile(else: .float32), in: ComputeTurns(cpu)) }
    }

    static func outputs(of input: [Float], _ layer: Linear, on cpu: CPU) -> [Float] {
        withWorkspace { workspace in
            let rows = input.count / layer.inputs
            let output = workspace.matrix(rows: rows, columns: layer.outputs)
            cpu.linear(workspace.matrix(rows: rows, columns: layer.inputs, input), layer, into: output)
            return output.values
        }
    }

    /// How far an output may be from the exact one: half a step of each input, and what sums of floats lose.
    private static func bound(_ input: ArraySlice<Float>, _ weights: ArraySlice<Double>) -> Double {
        var bound = 0.0
        for start in stride(from: 0, to: input.count, by: BlockForm.inputs) {
            let range = start..<min(start + BlockForm.inputs, input.count)
            let x = input[range.lowerBound + input.startIndex..<range.upperBound + input.startIndex]
            let step = Double(x.map(\.magnitude).max() ?? 0) / 127
            for index in range {
                let weight = abs(weights[weights.startIndex + index])
                bound += weight * (0.5001 * step + 1e-5 * Double(abs(input[input.startIndex + index]))) + 1e-5 * step
            }
        }
        return bound
    }

    static func expectClose(
        _ found: [Float], _ input: [Float], _ weights: [Double], inputs: Int, _ name: String
    ) {
        let outputs = weights.count / inputs
        for row in 0..<input.count / inputs {
            for output in 0..<outputs {
                let x = input[row * inputs..<(row + 1) * inputs], w = weights[output * inputs..<(output + 1) * inputs]
                let sum = zip(x, w).reduce(0.0) { $0 + Double($1.0) * $1.1 }
                let difference = abs(Double(found[row * outputs + output]) - sum)
                #expect(difference <= bound(x, w), "\(name): row \(row), output \(output)")
            }
        }
    }

    @Test(arguments: Kernels.available, BlockSample.forms)
    func productsAreThoseOfTheNumbers(kernels: Kernels, form: BlockForm) {
        var random = SeededGenerator(seed: 21)
        let cpu = makeCPU(threads: 1, kernels: kernels)
        for (rows, inputs, outputs) in [(1, 32, 64), (3, 160, 70), (17, 96, 130)] {
            let sample = BlockSample(form, rows: outputs, columns: inputs, &random)
            let input = random.floats(rows * inputs, scale: 3)
            let layer = Self.layer([sample.matrix], on: cpu)
            #expect(layer.precision == nil)
            let found = Self.outputs(of: input, layer, on: cpu)
            Self.expectClose(found, input, sample.numbers, inputs: inputs, "\(form)")
        }
    }

    /// Rows have the bits that they have alone and in scalar arithmetic, on any number of threads.
    @Test(arguments: Kernels.available, BlockSample.forms)
    func bitsAreTheSameInAnyCompany(kernels: Kernels, form: BlockForm) {
        var random = SeededGenerator(seed: 22)
        let (inputs, outputs, rows) = (224, 200, 101)
        let sample = BlockSample(form, rows: outputs, columns: inputs, &random)
        let input = random.floats(rows * inputs)
        let (scalar, one) = (makeCPU(threads: 1, kernels: .scalar), makeCPU(threads: 1, kernels: kernels))
        let few = Array(input.prefix(7 * inputs))
        let layer = Self.layer([sample.matrix], on: one)
        let all = Self.outputs(of: input, layer, on: one)
        let reference = Self.outputs(of: few, Self.layer([sample.matrix], on: scalar), on: scalar)
        #expect(Array(all.prefix(reference.count)).firstDifference(from: reference) == nil)
        for threads in [1, 2, 3, 8] {
            let cpu = makeCPU(threads: threads, kernels: kernels)
            let own = Self.layer([sample.matrix], on: cpu)
            for count in [1, 2, 5, 8, 16, 49, rows] {
                let found = Self.outputs(of: Array(input.prefix(count * inputs)), own, on: cpu)
                #expect(
                    found.firstDifference(from: Array(all.prefix(found.count))) == nil,
                    "\(count) rows, \(threads) threads")
            }
        }
    }

    /// Matrices of several forms side by side, also within a panel.
    @Test func formsMayDiffer() {
        var random = SeededGenerator(seed: 23)
        let (inputs, cpu) = (64, makeCPU(threads: 2))
        let samples = BlockSample.forms.map {
            BlockSample($0, rows: Int.random(in: 1...90, using: &random), columns: inputs, &random)
        }
        for _ in 0..<20 {
            let parts = (0..<3).map { _ in random.pick(samples) }
            let bias = random.floats(parts.reduce(0) { $0 + $1.rows })
            let layer = Self.layer(parts.map(\.matrix), bias: bias, on: cpu)
            let input = random.floats(2 * inputs)
            var found = Self.outputs(of: input, layer, on: cpu)
            for index in found.indices { found[index] -= bias[index % bias.count] }
            let name = parts.map { "\($0.form) \($0.rows)" }.joined(separator: ", ")
            let planned = Linear(planned: parts.map(\.matrix), hasBias: true, format: .blocksOfFile(else: .float32))
            #expect(planned.bytes == layer.bytes && planned.residentBytes == layer.residentBytes)
            Self.expectClose(found, input, parts.flatMap(\.numbers), inputs: inputs, name)
        }
    }

    /// Scales far apart and far from those of half precision.
    @Test func scalesOfAnySize() {
        var random = SeededGenerator(seed: 24)
        let cpu = makeCPU(threads: 1)
        for factor in [Float(0x1p-90), 0x1p-30, 0x1p30, 0x1p90] {
            let numbers = random.floats(64 * 32, scale: factor)
            let layer = withWeights(numbers, rows: 64, columns: 32) { weights in
                required { try Linear([weights], format: .int8Blocks, in: ComputeTurns(cpu)) }
            }
            let input = random.floats(32)
            let found = Self.outputs(of: input, layer, on: cpu)
            for output in 0..<64 {
                let w = numbers[output * 32..<(output + 1) * 32]
                let sum = zip(input, w).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                #expect(abs(Double(found[output]) - sum) <= 0.2 * Double(factor), "\(factor)")
            }
        }
    }

    /// A matrix without blocks makes the whole layer one of numbers.
    @Test func otherMatricesStayNumbers() {
        var random = SeededGenerator(seed: 25)
        let sample = BlockSample(BlockForm(bits: 4, zero: 8), rows: 3, columns: 32, &random)
        let cpu = makeCPU(threads: 1)
        let layer = withWeights(random.floats(64), rows: 2, columns: 32) { Self.layer([sample.matrix, $0], on: cpu) }
        #expect(layer.precision == .float32 && layer.outputs == 5)
        let numbers = required { try Linear([sample.matrix], precision: .bfloat16, in: ComputeTurns(cpu)) }
        #expect(numbers.precision == .bfloat16)
    }

    /// Rows that are looked up are the numbers that products have.
    @Test(arguments: BlockSample.forms)
    func rowsAreTheNumbers(form: BlockForm) {
        var random = SeededGenerator(seed: 26)
        let cpu = makeCPU(threads: 1)
        let sample = BlockSample(form, rows: 70, columns: 96, &random)
        let layer = Self.layer([sample.matrix], on: cpu)
        withWorkspace { workspace in
            let ids: [Int32] = [0, 69, 63, 64, 1]
            let output = workspace.matrix(rows: ids.count, columns: 96)
            cpu.embed(ids[...], layer, into: output)
            let expected = ids.flatMap { sample.numbers[Int($0) * 96..<(Int($0) + 1) * 96] }
            #expect(zip(output.values, expected).allSatisfy { abs(Double($0) - $1) <= 1e-6 * (abs($1) + 1) })
        }
    }
}
