import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct LinearTests {
    /// An operation with all that may belong to it.
    struct Sample {
        let (rows, inputs, outputs): (Int, Int, Int)
        let input: [Float]
        let weight: [Float]
        let bias: [Float]?
        let residual: [Float]?
        let activation: Activation

        init(_ shape: (rows: Int, inputs: Int, outputs: Int), _ random: inout SeededGenerator) {
            (rows, inputs, outputs) = shape
            (input, weight) = (random.floats(rows * inputs), random.floats(outputs * inputs))
            bias = Bool.random(using: &random) ? random.floats(outputs) : nil
            residual = Bool.random(using: &random) ? random.floats(rows * outputs) : nil
            activation = random.pick(Activation.allCases)
        }

        func layer(_ precision: Precision, on cpu: CPU) -> Linear {
            withWeights(weight, rows: outputs, columns: inputs) {
                packedLayer([$0], bias: bias, precision: precision, on: cpu)
            }
        }

        func run(_ layer: Linear, on cpu: CPU) -> [Float] {
            withWorkspace { workspace in
                let output = workspace.matrix(rows: rows, columns: outputs)
                cpu.linear(
                    workspace.matrix(rows: rows, columns: inputs, input), layer, activation: activation,
                    residual: residual.map { workspace.matrix(rows: rows, columns: outputs, $0) }, into: output)
                return output.values
            }
        }

        /// The sums of a precision: as it promises them, and how far they may be from that.
        private func sums(_ precision: Precision, _ kernels: Kernels) -> [(value: Double, bound: Double)] {
            switch precision {
            case .float32:
                return elements { row, output in
                    var sum: Float = 0
                    for index in 0..<inputs {
                        sum.addProduct(input[row * inputs + index], weight[output * inputs + index])
                    }
                    return (Double(sum), 0)
                }
            case .bfloat16:
                let x = input.map { Double(Float(bFloat16: $0.nearestBFloat16)) }
                let w = weight.map { Double(Float(bFloat16: $0.nearestBFloat16)) }
                return elements { row, output in
                    var (sum, magnitude) = (0.0, 0.0)
                    for index in 0..<inputs {
                        let term = x[row * inputs + index] * w[output * inputs + index]
                        sum += term
                        magnitude += abs(term)
                    }
                    return (sum, Double(inputs + 3) * 0x1p-24 * magnitude)
                }
            case .int8:
                let x = (0..<rows).map { QuantisedRow(input[$0 * inputs..<($0 + 1) * inputs], kernels) }
                let w = (0..<outputs).map { QuantisedRow(weights: weight[$0 * inputs..<($0 + 1) * inputs], kernels) }
                return elements { row, output in
                    let (x, w) = (x[row], w[output])
                    let sum = (0..<inputs).reduce(0) { $0 + (x.bytes[$1] - x.zero) * w.bytes[$1] }
                    return (Double(Float(sum) * (w.scale * x.scale)), 0)
                }
            }
        }

        private func elements<Result>(_ body: (Int, Int) -> Result) -> [Result] {
            (0..<rows * outputs).map { body($0 / outputs, $0 % outputs) }
        }

        /// What an output is beyond what may be, at worst.
        func excess(_ found: [Float], _ precision: Precision, _ kernels: Kernels) -> Double {
            zip(found, sums(precision, kernels).enumerated()).map { found, sum in
                let (index, (exact, bound)) = sum
                var value = Float(exact)
                if let bias { value += bias[index % outputs] }
                var expected: Float = 0
                Kernels.scalar.table.pointee.activate(1, &value, activation.kernel, &expected)
                if let residual { expected += residual[index] }
                if found.isIdentical(to: expected) { return 0 }
                let isCoarse = precision != .float32 && activation == .gelu
                // No activation is steeper than 1.7.
                let allowed = 1.7 * bound + (isCoarse ? 2e-5 : 0)
                guard allowed > 0 else { return .infinity }
                let error = abs(Double(found) - Double(expected)) - allowed - 1e-6
                return error.isNaN ? .infinity : error
            }.max() ?? 0
        }
    }

    /// Rows, inputs and outputs around the sizes of tiles, panels and blocks.
    static let shapes: [(rows: Int, inputs: Int, outputs: Int)] = [
        (0, 5, 7), (1, 1, 1), (1, 300, 70), (2, 64, 64), (5, 33, 129), (6, 7, 63), (7, 513, 65), (48, 20, 200),
        (95, 9, 3), (96, 16, 64), (97, 5, 66), (193, 31, 97),
        // Strips of one to six, several blocks of k, and panels that are left over.
        (6, 300, 320), (16, 120, 180), (25, 210, 65), (36, 99, 330),
    ]

    @Test(arguments: Kernels.available, Precision.allCases)
    func definitionOnAnyThreads(kernels: Kernels, precision: Precision) {
        let processors = [1, 2, 3, 5, 8].map { makeCPU(threads: $0, kernels: kernels) }
        for shape in Self.shapes {
            var random = SeededGenerator(seed: UInt64(shape.rows * shape.outputs))
            let sample = Sample(shape, &random)
            let alone = sample.run(sample.layer(precision, on: processors[0]), on: processors[0])
            #expect(sample.excess(alone, precision, kernels) <= 0, "\(shape), \(sample.activation)")
            for cpu in processors.dropFirst() {
                let layer = sample.layer(precision, on: cpu)
                #expect(layer.inputs == shape.inputs && layer.outputs == shape.outputs && layer.precision == precision)
                let found = sample.run(layer, on: cpu)
                #expect(found.firstDifference(from: alone) == nil, "\(shape), \(cpu.threads) threads")
            }
        }
    }

    /// A row has the same bits alone, among others, and as a part of wider matrices.
    @Test(arguments: Precision.allCases)
    func companyDoesNotMatter(precision: Precision) {
        let processors = [2, 3].map { makeCPU(threads: $0) }
        var random = SeededGenerator(seed: 2)
        let (rows, inputs, outputs) = (211, 77, 128)
        let layer = withWeights(random.floats(outputs * inputs), rows: outputs, columns: inputs) {
            packedLayer([$0], bias: random.floats(outputs), precision: precision, on: processors[0])
        }
        withWorkspace { workspace in
            let input = workspace.matrix(rows: rows, columns: inputs + 20, random.floats(rows * (inputs + 20))).columns(
                9..<9 + inputs)
            let together = workspace.matrix(rows: rows, columns: outputs)
            processors[0].linear(input, layer, activation: .gelu, into: together)
            let apart = workspace.matrix(rows: rows, columns: outputs)
            var start = 0
            while start < rows {
                let range = start..<min(rows, start + Int.random(in: 1...40, using: &random))
                processors[1].linear(input.rows(range), layer, activation: .gelu, into: apart.rows(range))
                start = range.upperBound
            }
            #expect(apart.values.firstDifference(from: together.values) == nil)
        }
    }

    @Test(arguments: Precision.allCases)
    func matricesSideBySide(precision: Precision) {
        var random = SeededGenerator(seed: 3)
        let (rows, inputs) = (9, 19)
        let heights = [1, 63, 7, 130, 64, 5]
        let weights = heights.map { random.floats($0 * inputs) }
        let bias = random.floats(heights.reduce(0, +))
        let input = random.floats(rows * inputs)
        let cpu = makeCPU(threads: 2)
        func pack(_ index: Int, _ packed: [WeightMatrix]) -> Linear {
            guard index < heights.count else { return packedLayer(packed, bias: bias, precision: precision, on: cpu) }
            return withWeights(weights[index], rows: heights[index], columns: inputs) { pack(index + 1, packed + [$0]) }
        }
        func run(_ layer: Linear) -> [[Float]] {
            withWorkspace { workspace in
                let output = workspace.matrix(rows: rows, columns: layer.outputs)
                cpu.linear(workspace.matrix(rows: rows, columns: inputs, input), layer, into: output)
                return (0..<rows).map { Array(output.row($0)) }
            }
        }
        let together = run(pack(0, []))
        var first = 0
        for (height, weight) in zip(heights, weights) {
            let columns = first..<first + height
            let apart = run(
                withWeights(weight, rows: height, columns: inputs) {
                    packedLayer([$0], bias: Array(bias[columns]), precision: precision, on: cpu)
                })
            for row in 0..<rows { #expect(apart[row].firstDifference(from: Array(together[row][columns])) == nil) }
            first += height
        }
        #expect(first == together[0].count)
    }

    /// What a layer writes as bfloat16, a layer of bfloat16 reads, whatever was in the memory before.
    @Test(arguments: Kernels.available, [1, 2, 7, 64, 65, 131])
    func brainFloatsFromLayerToLayer(kernels: Kernels, columns: Int) {
        let cpu = makeCPU(threads: 2, kernels: kernels)
        var random = SeededGenerator(seed: 4)
        for rows in [1, 5, 100] {
            let values = random.floats(rows * columns)
            let found = withWorkspace(filledWith: .nan) { workspace in
                let rounded = workspace.matrix(rows: rows, columns: columns, precision: .bfloat16)
                cpu.write(values, into: rounded, workspace)
                return cpu.read(rounded, workspace)
            }
            #expect(found.firstDifference(from: values.map { Float(bFloat16: $0.nearestBFloat16) }) == nil)
        }
    }

    /// A sum of more bytes than that might not fit, so the layer is stored wider.
    @Test func tooManyInputsForBytes() {
        let cpu = makeCPU(threads: 1)
        func precision(_ inputs: Int) -> Precision? {
            withWeights(Array(repeating: 0.5, count: inputs), rows: 1, columns: inputs) {
                packedLayer([$0], precision: .int8, on: cpu).precision
            }
        }
        #expect(precision(1 << 16) == .int8 && precision(1 << 16 + 1) == .bfloat16)
    }

    @Test func bytesOfPackedWeights() {
        let cpu = makeCPU(threads: 1)
        let bytes = Precision.allCases.map { precision in
            withWeights(Array(repeating: 0.5, count: 70 * 30), rows: 70, columns: 30) {
                packedLayer([$0], precision: precision, on: cpu).bytes
            }
        }
        #expect(bytes == [128 * 30 * 4, 128 * 15 * 4, 128 * 8 * 4])
    }
}

/// Numbers that are taken for bytes.
private struct QuantisedRow {
    let bytes: [Int]
    let scale: Float
    let zero: Int

    init(_ values: ArraySlice<Float>, _ kernels: Kernels) {
        let (x, y) = (Buffer(values), Buffer(unwritten: (values.count + 3) / 4))
        var (scale, zero): (Float, Int32) = (0, 0)
        kernels.table.pointee.to_int8(values.count, x.base, y.base, &scale, &zero)
        (bytes, self.scale, self.zero) = (y.bytes.map(Int.init), scale, Int(zero))
    }

    init(weights values: ArraySlice<Float>, _ kernels: Kernels) {
        let (x, y) = (Buffer(values), Buffer(unwritten: (values.count + 3) / 4))
        var (scale, sum): (Float, Int32) = (0, 0)
        kernels.table.pointee.to_int8_weights(values.count, x.base, y.base, &scale, &sum)
        (bytes, self.scale, zero) = (y.bytes.map { Int(Int8(bitPattern: $0)) }, scale, 0)
    }
}
