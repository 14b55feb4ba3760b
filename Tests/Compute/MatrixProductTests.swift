import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

/// The sums of a product, in the bits or within the error that its definition allows.
@Suite struct MatrixProductTests {
    /// Ordinary, tiny, subnormal and huge numbers; the products of the last overflow.
    static let scales: [Float] = [1, 1e-30, 0x1p-140, 1e15, 1e30]

    @Test(arguments: Kernels.available, scales)
    func floatsHaveTheBitsOfTheDefinition(kernels: Kernels, scale: Float) {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20 {
            let product = Product(
                .float32, m: Int.random(in: 1...40, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Precision.float32.depth(&random), scale: scale, &random)
            #expect(
                product.sums(kernels).firstDifference(from: product.definition) == nil,
                "\(product.m)×\(product.n)×\(product.k)")
            #expect(product.isIntact)
        }
    }

    @Test(arguments: Kernels.available, [false, true])
    func bytesAreExact(kernels: Kernels, extremes: Bool) {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<30 {
            let product = Product(
                .int8, m: Int.random(in: 1...40, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Precision.int8.depth(&random), extremes: extremes, &random)
            #expect(
                product.sums(kernels).firstDifference(from: product.definition) == nil,
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
                k: Precision.bfloat16.depth(&random), scale: scale, &random)
            let found = product.sums(kernels)
            #expect(product.isIntact)
            if Precision.bfloat16.isDefined(by: kernels) {
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
                .float32, m: Int.random(in: 1...40, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Precision.float32.depth(&random), &random)
            let worst = product.sums(kernels).enumerated().map { index, value in
                let (sum, magnitude) = product.exactSum(index / product.n, index % product.n)
                return abs(Double(value) - sum) / magnitude
            }.max()
            #expect(worst ?? 1 <= Double(product.k) * 0x1p-24, "\(product.m)×\(product.n)×\(product.k)")
        }
    }

    // MARK: Beyond finite numbers

    /// What is no number stays in its row.
    @Test(arguments: Kernels.available, [Precision.float32, .bfloat16])
    func rowsAreApart(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 10)
        for (m, poison) in [(2, Float.nan), (7, .infinity), (40, -.infinity), (96, .nan)] {
            let product = Product(precision, m: m, n: 37, k: 30, &random)
            let clean = product.sums(kernels)
            let row = Int.random(in: 0..<m, using: &random)
            product.a.base[row * product.aStride + 3] = precision.unit(
                Array(repeating: poison, count: precision.numbers))
            let found = product.sums(kernels)
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
        #expect(product.sums(kernels).enumerated().allSatisfy { ($0 / 20 == 4) == $1.isNaN })
    }
}
