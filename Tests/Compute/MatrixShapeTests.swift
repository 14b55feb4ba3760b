import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

/// Products of every shape, alone and in company, with and without what surrounds them.
@Suite struct MatrixShapeTests {
    /// Every size of the register tiles and their tails.
    @Test(arguments: Kernels.available, Precision.allCases)
    func everyShape(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 5)
        for m in 1...13 {
            for n in 1...64 {
                let product = Product(precision, m: m, n: n, k: 3 * precision.numbers - 1, &random)
                let found = product.sums(kernels)
                let isRight =
                    precision.isDefined(by: kernels)
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
            let k = precision.depth(&random)
            let product = Product(precision, m: m, n: n, k: k, &random)
            let together = product.sums(kernels)
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
            if precision.isDefined(by: kernels) {
                #expect(together.firstDifference(from: product.definition) == nil, "\(m)×\(n)×\(k)")
            }
        }
    }

    @Test(arguments: Kernels.available, Precision.allCases)
    func noDepth(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 7)
        for m in [1, 7, 96] {
            let product = Product(precision, m: m, n: 19, k: 0, &random)
            #expect(product.sums(kernels).allSatisfy { $0 == 0 } && product.isIntact)
        }
    }

    /// What is to be fetched meanwhile, if anything, changes no bit, and is neither written nor needed in full.
    @Test(arguments: Kernels.available, Precision.allCases)
    func fetchingChangesNothing(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 8)
        for (m, units) in [(1, 5), (3, 400), (7, 97), (30, 200), (96, 770)] {
            let product = Product(precision, m: m, n: 50, k: units * precision.numbers, &random)
            let expected = product.sums(kernels)
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
                if precision.isDefined(by: kernels) {
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
}
