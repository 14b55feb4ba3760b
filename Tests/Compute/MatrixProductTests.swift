import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct MatrixProductTests {
    /// Whether a table's sums have the bits of the definition: instructions for bfloat16 round in a way of their own.
    private static func isDefined(_ precision: Precision, _ kernels: Kernels) -> Bool {
        precision != .bfloat16 || kernels.table.pointee.has_bfloat16 == 0
    }

    /// What a table gives for a product without an epilogue.
    private static func sums(_ product: Product, _ kernels: Kernels) -> [Float] {
        product.run(kernels)
        return product.result
    }

    private static func depth(_ precision: Precision, _ random: inout SeededGenerator) -> Int {
        let units = random.pick([
            Int.random(in: 1...20, using: &random), Int.random(in: 1...900, using: &random), 95, 96, 97, 383, 384, 385,
            768, 769,
        ])
        return max(1, units * precision.numbers - Int.random(in: 0..<precision.numbers, using: &random))
    }

    /// Ordinary, tiny, subnormal and huge numbers; the products of the last overflow.
    static let scales: [Float] = [1, 1e-30, 0x1p-140, 1e15, 1e30]

    @Test(arguments: Kernels.available, scales)
    func floatsHaveTheBitsOfTheDefinition(kernels: Kernels, scale: Float) {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20 {
            let product = Product(
                .float32, m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Self.depth(.float32, &random), scale: scale, &random)
            #expect(
                Self.sums(product, kernels).firstDifference(from: product.definition) == nil,
                "\(product.m)×\(product.n)×\(product.k)")
            #expect(product.isIntact)
        }
    }

    @Test(arguments: Kernels.available, [false, true])
    func bytesAreExact(kernels: Kernels, extremes: Bool) {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<30 {
            let product = Product(
                .int8, m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Self.depth(.int8, &random), extremes: extremes, &random)
            #expect(
                Self.sums(product, kernels).firstDifference(from: product.definition) == nil,
                "\(product.m)×\(product.n)×\(product.k)")
            #expect(product.isIntact)
        }
    }

    /// The largest sums that there are: as many bytes as a layer may have inputs, all of them at one end.
    @Test(
        arguments: Kernels.available,
        [(Float(255), Int32(0), Float(-127)), (255, 0, 127), (0, 255, -127), (0, 255, 127), (255, 255, 127)])
    func theLargestSumsOfBytesFit(kernels: Kernels, row: (byte: Float, zero: Int32, weight: Float)) {
        let weight = row.weight
        let k = 1 << 16
        let a = Buffer(repeatElement(Precision.int8.unit([row.byte, row.byte, row.byte, row.byte]), count: k / 4))
        let b = Buffer(repeatElement(Precision.int8.unit([weight, weight, weight, weight]), count: k / 4 * 64))
        let c = Buffer(unwritten: 3)
        let (scale, columnScale): (Float, [Float]) = (1, Array(repeating: 1, count: 64))
        let sums = [Int32](repeating: Int32(weight) * Int32(k), count: 64)
        withUnsafePointer(to: scale) { scale in
            withUnsafePointer(to: row.zero) { zero in
                var rows = penstock_rows(units: a.base, stride: k / 4, scale: scale, zero: zero)
                columnScale.withUnsafeBufferPointer { columnScale in
                    sums.withUnsafeBufferPointer { sums in
                        var panel = penstock_panel(
                            units: b.base, scale: columnScale.baseAddress, sum: sums.baseAddress, next: nil,
                            is_fetched: 0)
                        var epilogue = penstock_epilogue()
                        kernels.table.pointee.matrix_product(
                            penstock_precision_int8, 1, 3, k / 4, &rows, &panel, c.base, 3, &epilogue)
                    }
                }
            }
        }
        let sum = (Int(row.byte) - Int(row.zero)) * Int(weight) * k
        #expect(c.values == Array(repeating: Float(sum), count: 3) && c.isIntact)
    }

    /// Each of a unit's two products is rounded, and so are their additions to the sum: |error| ≤ 2·(units + 1)·2⁻²⁴·Σ|ab|;
    /// beside it, subnormal numbers may be taken for zero.
    @Test(arguments: Kernels.available, scales)
    func brainFloatsAreCloseToTheExactSum(kernels: Kernels, scale: Float) {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20 {
            let product = Product(
                .bfloat16, m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Self.depth(.bfloat16, &random), scale: scale, &random)
            let found = Self.sums(product, kernels)
            #expect(product.isIntact)
            if Self.isDefined(.bfloat16, kernels) {
                #expect(found.firstDifference(from: product.definition) == nil)
            }
            let units = Double((product.k + 1) / 2)
            var worst = 0.0
            for (index, value) in found.enumerated() {
                let (sum, magnitude) = product.exactSum(index / product.n, index % product.n)
                guard magnitude < 0x1p127 else { continue }
                let bound = 2 * (units + 1) * 0x1p-24 * magnitude + 4 * units * 0x1p-126 * max(1, Double(scale))
                let excess = abs(Double(value) - sum) - bound
                worst = excess <= worst ? worst : excess.isNaN ? .infinity : excess
            }
            #expect(worst == 0, "\(product.m)×\(product.n)×\(product.k)")
        }
    }

    @Test(arguments: Kernels.available)
    func floatsAreCloseToTheExactSum(kernels: Kernels) {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<20 {
            let product = Product(
                .float32, m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Self.depth(.float32, &random), &random)
            let worst = Self.sums(product, kernels).enumerated().map { index, value in
                let (sum, magnitude) = product.exactSum(index / product.n, index % product.n)
                return abs(Double(value) - sum) / magnitude
            }.max()
            #expect(worst ?? 1 <= Double(product.k) * 0x1p-24, "\(product.m)×\(product.n)×\(product.k)")
        }
    }

    // MARK: Shapes

    /// Every size of the register tiles and their tails.
    @Test(arguments: Kernels.available, Precision.allCases)
    func everyShape(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 5)
        for m in 1...13 {
            for n in 1...64 {
                let product = Product(precision, m: m, n: n, k: 3 * precision.numbers - 1, &random)
                let found = Self.sums(product, kernels)
                let isRight =
                    Self.isDefined(precision, kernels)
                    ? found.firstDifference(from: product.definition) == nil
                    : zip(found, product.definition).allSatisfy { abs($0 - $1) <= 4e-6 }
                #expect(isRight && product.isIntact, "\(m)×\(n)")
            }
        }
    }

    /// Numbers of rows between those of blocks: a row has the bits that it has alone, however k is cut.
    @Test(arguments: Kernels.available, Precision.allCases)
    func companyDoesNotMatter(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 6)
        for m in [6, 12, 17, 24, 25, 48, 95, 96] {
            let n = random.pick([1, 15, 16, 33, 47, 64])
            let k = Self.depth(precision, &random)
            let product = Product(precision, m: m, n: n, k: k, &random)
            let together = Self.sums(product, kernels)
            #expect(product.isIntact)
            for row in [0, m / 2, m - 1] {
                var rows = penstock_rows(
                    units: product.a.base + row * product.aStride, stride: 0, scale: nil, zero: nil)
                let alone = Buffer(unwritten: 64, offset: 1)
                kernels.table.pointee.matrix_sums(
                    precision.code, 1, n, precision.unitCount(k), &rows, product.b.base, alone.base, 64)
                let sums: [Float] = (0..<n).map { column in
                    // Plain sums of bytes still lack the correction for the zero point.
                    precision == .int8 ? product.definition(row, column) : alone.base[column]
                }
                #expect(sums.firstDifference(from: Array(together[row * n..<(row + 1) * n])) == nil, "\(m)×\(n)×\(k)")
            }
            if Self.isDefined(precision, kernels) {
                #expect(together.firstDifference(from: product.definition) == nil, "\(m)×\(n)×\(k)")
            }
        }
    }

    @Test(arguments: Kernels.available, Precision.allCases)
    func noDepth(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 7)
        for m in [1, 7, 96] {
            let product = Product(precision, m: m, n: 19, k: 0, &random)
            #expect(Self.sums(product, kernels).allSatisfy { $0 == 0 } && product.isIntact)
        }
    }

    /// What is to be fetched meanwhile, if anything, changes no bit, and is neither written nor needed in full.
    @Test(arguments: Kernels.available, Precision.allCases)
    func fetchingChangesNothing(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 8)
        for (m, units) in [(1, 5), (3, 400), (7, 97), (30, 200), (96, 770)] {
            let product = Product(precision, m: m, n: 50, k: units * precision.numbers, &random)
            let expected = Self.sums(product, kernels)
            let next = Buffer(random.floats(64), offset: 3)
            for pointer in [nil, UnsafeRawPointer(next.base)] {
                for isFetched in [false, true] {
                    product.run(kernels, next: pointer, isFetched: isFetched)
                    #expect(product.result.firstDifference(from: expected) == nil, "\(m) rows")
                    #expect(product.isIntact && next.isIntact)
                }
            }
        }
    }

    /// Sums without an epilogue, of any number of rows.
    @Test(arguments: Kernels.available, [Precision.float32, .bfloat16])
    func plainSums(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 9)
        for m in [1, 2, 3, 5, 6, 7, 48, 96, 131] {
            for n in [1, 7, 16, 17, 31, 48, 63, 64] {
                let k = random.pick([1, 8, 64, 600])
                let product = Product(precision, m: m, n: n, k: k, &random)
                let stride = 64 + Int.random(in: 0...9, using: &random)
                let sums = Buffer(unwritten: m * stride, offset: 1)
                var rows = penstock_rows(units: product.a.base, stride: product.aStride, scale: nil, zero: nil)
                kernels.table.pointee.matrix_sums(
                    precision.code, m, n, precision.unitCount(k), &rows, product.b.base, sums.base, stride)
                let found = (0..<m * n).map { sums.base[$0 / n * stride + $0 % n] }
                if Self.isDefined(precision, kernels) {
                    #expect(found.firstDifference(from: product.definition) == nil, "\(m)×\(n)×\(k)")
                } else {
                    let isClose = zip(found, product.definition).allSatisfy { abs($0 - $1) <= 1e-6 * Float(k + 4) }
                    #expect(isClose, "\(m)×\(n)×\(k)")
                }
                let written = (n + 15) / 16 * 16
                let isIntact = (0..<m * stride).allSatisfy {
                    $0 % stride < written || sums.base[$0].bitPattern == Buffer.guardBits
                }
                #expect(isIntact && sums.isIntact && product.isIntact, "\(m)×\(n)×\(k)")
            }
        }
    }

    // MARK: Beyond finite numbers

    /// What is no number stays in its row.
    @Test(arguments: Kernels.available, [Precision.float32, .bfloat16])
    func rowsAreApart(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 10)
        for (m, poison) in [(2, Float.nan), (7, .infinity), (40, -.infinity), (96, .nan)] {
            let product = Product(precision, m: m, n: 37, k: 30, &random)
            let clean = Self.sums(product, kernels)
            let row = Int.random(in: 0..<m, using: &random)
            product.a.base[row * product.aStride + 3] = precision.unit(
                Array(repeating: poison, count: precision.numbers))
            let found = Self.sums(product, kernels)
            for index in found.indices {
                let isRight =
                    index / 37 == row ? !found[index].isFinite : found[index].isIdentical(to: clean[index])
                #expect(isRight, "\(index)")
            }
        }
    }

    @Test(arguments: Kernels.available)
    func aRowOfBytesWithoutAScaleIsNotANumber(kernels: Kernels) {
        var random = SeededGenerator(seed: 11)
        let product = Product(.int8, m: 9, n: 20, k: 12, &random)
        product.rowScale.base[4] = .nan
        #expect(Self.sums(product, kernels).enumerated().allSatisfy { ($0 / 20 == 4) == $1.isNaN })
    }

    // MARK: Epilogues

    /// activation(scale·sum + bias) + residual, step after step in single precision.
    @Test(arguments: Kernels.available, Activation.allCases)
    func epilogues(kernels: Kernels, activation: Activation) {
        for precision in Precision.allCases {
            var random = SeededGenerator(seed: 12)
            for choice in 0..<16 {
                let (hasBias, hasResidual) = (choice & 1 != 0, choice & 2 != 0)
                let (isCoarse, isScaled) = (choice & 4 != 0, choice & 8 != 0)
                let product = Product(
                    precision, m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                    k: random.pick([1, 9, 600]), isScaled: isScaled, &random)
                let bias = Buffer(random.floats(product.n, scale: 3), offset: 1)
                let residualStride = product.n + Int.random(in: 0...5, using: &random)
                let residual = Buffer(random.floats(product.m * residualStride), offset: 3)
                var epilogue = penstock_epilogue(
                    is_rounded: 0, bias: hasBias ? UnsafePointer(bias.base) : nil, activation: activation.kernel,
                    is_coarse: isCoarse ? 1 : 0, residual: hasResidual ? UnsafePointer(residual.base) : nil,
                    residual_stride: residualStride)
                let sums = Self.sums(product, kernels)
                product.run(kernels, epilogue)
                #expect(product.isIntact && bias.isIntact && residual.isIntact)
                let found = product.result
                var worst: Float = 0
                for (index, sum) in sums.enumerated() {
                    let (row, column) = (index / product.n, index % product.n)
                    var value = hasBias ? sum + bias.base[column] : sum
                    var expected: Float = 0
                    Kernels.scalar.table.pointee.activate(1, &value, activation.kernel, &expected)
                    if hasResidual { expected += residual.base[row * residualStride + column] }
                    let bound = isCoarse && activation == .gelu ? 2e-5 + expected.ulp : 0
                    if !found[index].isIdentical(to: expected) {
                        worst = max(worst, abs(found[index] - expected) - bound)
                    }
                    if bound == 0 && !found[index].isIdentical(to: expected) { worst = .infinity }
                }
                #expect(
                    worst <= 0,
                    "\(precision), bias \(hasBias), residual \(hasResidual), coarse \(isCoarse), scales \(isScaled)")
                if Self.isDefined(precision, kernels) {
                    product.run(.scalar, epilogue)
                    #expect(found.firstDifference(from: product.result) == nil, "other bits than the scalar reference")
                }

                // The same, rounded.
                for index in 0..<product.c.count { product.c.base[index] = Float(bitPattern: Buffer.guardBits) }
                epilogue.is_rounded = 1
                product.run(kernels, epilogue)
                let isRounded = zip(product.roundedResult, found).allSatisfy { Float.isBFloat16($0, of: $1, kernels) }
                #expect(isRounded)
                let halves = product.c.bFloat16s
                let guards = [UInt16(Buffer.guardBits & 0xFFFF), UInt16(Buffer.guardBits >> 16)]
                let isIntact = halves.indices.allSatisfy {
                    let column = $0 % (2 * product.cStride)
                    // A last unit is filled with zero: it may be an operand next.
                    let behind = column == product.n && !product.n.isMultiple(of: 2) ? 0 : guards[$0 % 2]
                    return column < product.n || halves[$0] == behind
                }
                #expect(isIntact && product.c.isIntact)
            }
        }
    }

    /// x·Φ(x) where it is coarse, over all magnitudes.
    @Test(arguments: Kernels.available)
    func coarseGelu(kernels: Kernels) {
        let inputs = ActivationTests.inputs + [.infinity, -.infinity]
        let one = Buffer([1] + Array(repeating: Float(0), count: 63))
        let outputs = Buffer(unwritten: inputs.count)
        let rows = Buffer(inputs)
        for start in stride(from: 0, to: inputs.count, by: 96) {
            var a = penstock_rows(units: rows.base + start, stride: 1, scale: nil, zero: nil)
            var b = penstock_panel(units: one.base, scale: nil, sum: nil, next: nil, is_fetched: 0)
            var epilogue = penstock_epilogue(
                is_rounded: 0, bias: nil, activation: penstock_activation_gelu, is_coarse: 1, residual: nil,
                residual_stride: 0)
            kernels.table.pointee.matrix_product(
                penstock_precision_float32, min(96, inputs.count - start), 1, 1, &a, &b, outputs.base + start, 1,
                &epilogue)
        }
        #expect(outputs.isIntact)
        var worst: (excess: Double, x: Float) = (0, 0)
        for (x, y) in zip(inputs, outputs.values) where x.isFinite {
            let exact = ActivationTests.exact(.gelu, Double(x))
            let excess = abs(Double(y) - exact) - 2e-5 - Double(Float(exact).ulp)
            if !(excess <= worst.excess) { worst = (excess, x) }
        }
        #expect(worst.excess == 0, "at \(worst.x)")
        #expect(outputs.values[inputs.count - 2] == .infinity && abs(outputs.values[inputs.count - 1]) <= 2e-5)
    }
}
