import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct MatrixProductTests {
    /// A product with strides, addresses and surroundings that are as odd as they may be.
    struct Product {
        let m: Int
        let n: Int
        let k: Int
        let aStride: Int
        let bStride: Int
        let cStride: Int
        let a: Buffer
        let b: Buffer
        let c: Buffer

        init(m: Int, n: Int, k: Int, scale: Float = 1, _ random: inout SeededGenerator) {
            (self.m, self.n, self.k) = (m, n, k)
            aStride = k + Int.random(in: 0...3, using: &random)
            bStride = n + Int.random(in: 0...70, using: &random)
            cStride = n + Int.random(in: 0...19, using: &random)
            a = Self.rectangle(m, k, aStride, scale, &random)
            b = Self.rectangle(k, n, bStride, scale, &random)
            c = Buffer(unwritten: m * cStride, offset: Int.random(in: 0...3, using: &random))
        }

        /// Between the rows stand guards, which are NaN: whoever reads one shows it.
        private static func rectangle(
            _ rows: Int, _ columns: Int, _ stride: Int, _ scale: Float, _ random: inout SeededGenerator
        ) -> Buffer {
            let buffer = Buffer(unwritten: rows * stride, offset: Int.random(in: 0...3, using: &random))
            for row in 0..<rows {
                for (column, value) in random.floats(columns, scale: scale).enumerated() {
                    buffer.base[row * stride + column] = value
                }
            }
            return buffer
        }

        /// Whether only the product itself was written.
        var isIntact: Bool {
            a.isIntact && b.isIntact && c.isIntact
                && (0..<c.count).allSatisfy { $0 % cStride < n || c.base[$0].bitPattern == Buffer.guardBits }
        }

        func run(_ kernels: Kernels, scale: Float = 1) {
            var epilogue = penstock_epilogue(
                scale: scale, bias: nil, activation: penstock_activation_none, residual: nil, residual_stride: 0)
            run(kernels, &epilogue)
        }

        func run(_ kernels: Kernels, _ epilogue: inout penstock_epilogue) {
            kernels.table.pointee.matrix_product(m, n, k, a.base, aStride, b.base, bStride, c.base, cStride, &epilogue)
        }

        /// What the header promises of an element: fused multiply-adds over k in ascending order.
        func sum(_ row: Int, _ column: Int) -> Float {
            var sum: Float = 0
            for index in 0..<k { sum.addProduct(a.base[row * aStride + index], b.base[index * bStride + column]) }
            return sum
        }

        /// The exact sum, but for double precision's own error, and the sum of the magnitudes.
        func exactSum(_ row: Int, _ column: Int) -> (sum: Double, magnitude: Double) {
            var (sum, magnitude) = (0.0, 0.0)
            for index in 0..<k {
                let term = Double(a.base[row * aStride + index]) * Double(b.base[index * bStride + column])
                sum += term
                magnitude += abs(term)
            }
            return (sum, magnitude)
        }
    }

    private static func depth(_ random: inout SeededGenerator) -> Int {
        random.pick([
            Int.random(in: 1...20, using: &random), Int.random(in: 1...1100, using: &random), 511, 512, 513, 1024, 1025,
        ])
    }

    /// Ordinary, tiny, subnormal and huge numbers; the products of the last overflow.
    static let scales: [Float] = [1, 1e-30, 0x1p-140, 1e15, 1e30]

    @Test(arguments: Kernels.available, scales)
    func sumsHaveTheBitsOfTheDefinition(kernels: Kernels, scale: Float) {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<30 {
            let product = Product(
                m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Self.depth(&random),
                scale: scale, &random)
            product.run(kernels)
            #expect(product.isIntact)
            var wrong = 0
            for row in 0..<product.m {
                for column in 0..<product.n
                where !product.c.base[row * product.cStride + column].isIdentical(to: product.sum(row, column)) {
                    wrong += 1
                }
            }
            #expect(wrong == 0, "\(product.m)×\(product.n)×\(product.k)")
        }
    }

    /// Every size of the register tiles and their tails.
    @Test(arguments: Kernels.available)
    func everyShape(kernels: Kernels) {
        var random = SeededGenerator(seed: 2)
        for m in 1...13 {
            for n in 1...64 {
                let product = Product(m: m, n: n, k: 3, &random)
                product.run(kernels)
                let isRight = (0..<m).allSatisfy { row in
                    (0..<n).allSatisfy {
                        product.c.base[row * product.cStride + $0].isIdentical(to: product.sum(row, $0))
                    }
                }
                #expect(isRight && product.isIntact, "\(m)×\(n)")
            }
        }
    }

    @Test(arguments: Kernels.available)
    func closeToTheExactSum(kernels: Kernels) {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<40 {
            let product = Product(
                m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                k: Self.depth(&random), &random)
            let scale = Float.random(in: 0.01...2, using: &random)
            product.run(kernels, scale: scale)
            var worst = 0.0
            for row in 0..<product.m {
                for column in 0..<product.n {
                    let (sum, magnitude) = product.exactSum(row, column)
                    let error = abs(Double(product.c.base[row * product.cStride + column]) - sum * Double(scale))
                    worst = max(worst, error / (magnitude * Double(scale)))
                }
            }
            #expect(worst <= Double(product.k + 1) * 0x1p-24, "\(product.m)×\(product.n)×\(product.k)")
        }
    }

    @Test(arguments: Kernels.available)
    func noDepth(kernels: Kernels) {
        var random = SeededGenerator(seed: 4)
        let product = Product(m: 7, n: 19, k: 0, &random)
        product.run(kernels)
        #expect((0..<7).allSatisfy { row in (0..<19).allSatisfy { product.c.base[row * product.cStride + $0] == 0 } })
        #expect(product.isIntact)
    }

    /// activation(scale·sum + bias) + residual, step after step in single precision.
    @Test(arguments: Kernels.available, Activation.allCases)
    func epilogues(kernels: Kernels, activation: Activation) {
        var random = SeededGenerator(seed: 5)
        for (hasBias, hasResidual) in [(false, false), (true, false), (false, true), (true, true)] {
            for scale: Float in [1, 0.125] {
                let product = Product(
                    m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                    k: random.pick([1, 9, 600]), &random)
                let bias = Buffer(random.floats(product.n, scale: 3), offset: 1)
                let residualStride = product.n + Int.random(in: 0...5, using: &random)
                let residual = Buffer(random.floats(product.m * residualStride), offset: 3)
                var epilogue = penstock_epilogue(
                    scale: scale, bias: hasBias ? UnsafePointer(bias.base) : nil, activation: activation.kernel,
                    residual: hasResidual ? UnsafePointer(residual.base) : nil, residual_stride: residualStride)
                product.run(kernels, &epilogue)
                #expect(product.isIntact && bias.isIntact && residual.isIntact)

                var expected: [Float] = []
                var found: [Float] = []
                for row in 0..<product.m {
                    for column in 0..<product.n {
                        var value = product.sum(row, column) * scale
                        if hasBias { value += bias.base[column] }
                        var activated: Float = 0
                        Kernels.scalar.table.pointee.activate(1, &value, activation.kernel, &activated)
                        if hasResidual { activated += residual.base[row * residualStride + column] }
                        expected.append(activated)
                        found.append(product.c.base[row * product.cStride + column])
                    }
                }
                #expect(
                    found.firstDifference(from: expected) == nil,
                    "bias \(hasBias), residual \(hasResidual), scale \(scale)")
            }
        }
    }
}
