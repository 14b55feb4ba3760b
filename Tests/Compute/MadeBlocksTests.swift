import PenstockCompute
import PenstockTestSupport
import Testing

/// Blocks that are made of numbers at load.
@Suite struct MadeBlocksTests {
    /// Formats and roles that have forms of blocks of their own.
    private static let kinds: [(format: WeightFormat, role: WeightRole)] =
        WeightRole.allCases.map { (.int4, $0) } + [(.int8Blocks, .other)]

    private static func layer(
        _ numbers: [Float], rows: Int, format: WeightFormat, role: WeightRole, on cpu: CPU
    ) -> Linear {
        withWeights(numbers, rows: rows, columns: numbers.count / rows) { weights in
            var weights = weights
            weights.role = role
            return required { try Linear([weights], format: format, in: ComputeTurns(cpu)) }
        }
    }

    /// The numbers that the blocks stand for.
    private static func decoded(_ layer: Linear, on cpu: CPU) -> [Float] {
        withWorkspace { workspace in
            let output = workspace.matrix(rows: layer.outputs, columns: layer.inputs)
            cpu.embed(Array(0..<Int32(layer.outputs))[...], layer, into: output)
            return output.values
        }
    }

    private static func squaredError(_ found: some Sequence<Float>, _ numbers: some Sequence<Float>) -> Double {
        zip(found, numbers).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    }

    /// Blocks whose whole extent is divided into steps, as Q4_1 has it.
    private static func ofExtent(_ numbers: [Float], steps: Float) -> [Float] {
        stride(from: 0, to: numbers.count, by: 32).flatMap { start in
            let block = numbers[start..<start + 32]
            let (least, most) = (block.min() ?? 0, block.max() ?? 0)
            let step = (most - least) / steps
            return block.map { (($0 - least) / step).rounded() * step + least }
        }
    }

    private static func normalNumbers(_ count: Int) -> [Float] {
        var random = SeededGenerator(seed: 27)
        return (0..<count).map { _ in
            (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0...1, using: &random) }
        }
    }

    /// Four bits, a scale and an offset are closer to normal numbers than the whole extent in 15 steps, which is Q4_1; a bit
    /// more halves the error, or nearly so, also without offsets.
    @Test(arguments: [(WeightRole.scores, 4), (.feedForwardOutput, 5), (.values, 6)])
    func normalNumbers(role: WeightRole, bits: Int) {
        let (rows, columns) = (64, 512)
        let numbers = Self.normalNumbers(rows * columns)
        let cpu = makeCPU(threads: 2)
        let layer = Self.layer(numbers, rows: rows, format: .int4, role: role, on: cpu)
        // A scale of 16 bits for each 32 weights, and as many for an offset.
        let halves = role == .scores ? 2 : 1
        #expect(layer.bytes * 16 == (2 * bits + halves) * rows * columns)
        let error = Self.squaredError(Self.decoded(layer, on: cpu), numbers)
        let steps = Self.ofExtent(numbers, steps: 15)
        let bounds: [Int: Double] = [4: 0.85, 5: 0.3, 6: 0.075]
        let bound = bounds[bits] ?? 0
        #expect(error < bound * Self.squaredError(steps, numbers), "\(error)")
    }

    /// Numbers that are 16 steps of a block already, such as those that a file of Q4_1 stood for, stay what they are, but
    /// where a block does not have its first or last step.
    @Test func stepsWithOffsetsStay() {
        var random = SeededGenerator(seed: 31)
        let cpu = makeCPU(threads: 1)
        let sample = BlockSample(BlockForm(bits: 4, hasOffsets: true), rows: 64, columns: 96, &random)
        let numbers = sample.numbers.map { Float($0) }
        let layer = Self.layer(numbers, rows: 64, format: .int4, role: .scores, on: cpu)
        let error = Self.squaredError(Self.decoded(layer, on: cpu), numbers)
        #expect(error < 2e-4 * Self.squaredError(numbers.map { _ in 0 }, numbers), "\(error)")
    }

    /// Blocks are the same by all kernels, and on any number of threads.
    @Test(arguments: kinds)
    func bitsAreTheSameOnAllProcessors(format: WeightFormat, role: WeightRole) {
        let (rows, columns) = (130, 200)
        var numbers = Self.normalNumbers(rows * columns)
        for index in numbers.indices where index % 7 == 0 { numbers[index] *= Float(index % 5) * 0x1p-20 }
        let reference = makeCPU(threads: 1, kernels: .scalar)
        let expected = Self.decoded(
            Self.layer(numbers, rows: rows, format: format, role: role, on: reference), on: reference)
        for kernels in Kernels.available {
            for threads in 1...3 {
                let cpu = makeCPU(threads: threads, kernels: kernels)
                let layer = Self.layer(numbers, rows: rows, format: format, role: role, on: cpu)
                #expect(
                    Self.decoded(layer, on: cpu).firstDifference(from: expected) == nil,
                    "\(kernels.name), \(threads) threads")
            }
        }
    }

    /// Blocks of a file stay, whatever the matrix is for.
    @Test(arguments: WeightRole.allCases)
    func blocksOfAFileStay(role: WeightRole) {
        var random = SeededGenerator(seed: 30)
        let cpu = makeCPU(threads: 1)
        let sample = BlockSample(BlockForm(bits: 4, zero: 8), rows: 64, columns: 96, &random)
        var matrix = sample.matrix
        matrix.role = role
        let layer = required { try Linear([matrix], format: .int4, in: ComputeTurns(cpu)) }
        #expect(layer.bytes * 16 == 9 * 64 * 96)
        let found = Self.decoded(layer, on: cpu)
        #expect(zip(found, sample.numbers).allSatisfy { abs(Double($0) - $1) <= 1e-6 * (abs($1) + 1) })
    }

    /// Inputs that are no multiple of a block, and weights that are all the same.
    @Test(arguments: kinds, [1, 31, 33, 70])
    func anyNumberOfInputs(kind: (format: WeightFormat, role: WeightRole), inputs: Int) {
        var random = SeededGenerator(seed: 28)
        let cpu = makeCPU(threads: 1)
        let numbers = random.floats(5 * inputs) + [Float](repeating: 0.25, count: inputs)
        let layer = Self.layer(numbers, rows: 6, format: kind.format, role: kind.role, on: cpu)
        let decoded = Self.decoded(layer, on: cpu)
        let step: Float = kind.format == .int4 ? 0.25 : 0.01
        #expect(zip(decoded, numbers).allSatisfy { abs($0 - $1) <= step })
        #expect(decoded.suffix(inputs).allSatisfy { abs($0 - 0.25) < 1e-3 })
        let input = random.floats(2 * inputs)
        let found = BlockLayerTests.outputs(of: input, layer, on: cpu)
        BlockLayerTests.expectClose(found, input, decoded.map { Double($0) }, inputs: inputs, "\(inputs)")
    }

    /// A number that is none shows in its output, and in no other.
    @Test(arguments: kinds, [Float.nan, .infinity])
    func whatIsNoNumber(kind: (format: WeightFormat, role: WeightRole), poison: Float) {
        let cpu = makeCPU(threads: 1)
        var numbers = [Float](repeating: 1, count: 3 * 64)
        numbers[64 + 40] = poison
        let layer = Self.layer(numbers, rows: 3, format: kind.format, role: kind.role, on: cpu)
        let found = BlockLayerTests.outputs(of: [Float](repeating: 1, count: 64), layer, on: cpu)
        #expect(found[0].isFinite && !found[1].isFinite && found[2].isFinite)
        let inputs = BlockLayerTests.outputs(of: [Float](repeating: 1, count: 63) + [poison], layer, on: cpu)
        #expect(inputs.allSatisfy { !$0.isFinite })
    }
}
