import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

/// Products by the tiles of AMX, where the processor has them.
@Suite(.enabled(if: Kernels.available[0].table == penstock_kernels_amx())) struct TileTests {
    private let kernels = Kernels.available[0]

    /// The sum of bfloat16 that tiles make: of 16 units at a time the even products and the odd ones, each from zero on,
    /// both of which are then added to what was there; no number is subnormal.
    private func sum(_ product: Product, _ row: Int, _ column: Int) -> Float {
        func flushed(_ x: Float) -> Float { x.isSubnormal ? x.sign == .minus ? -0.0 : 0.0 : x }
        var total: Float = 0
        for start in stride(from: 0, to: product.k, by: 32) {
            var sums: [Float] = [0, 0]
            for index in start..<min(start + 32, product.k) {
                let x = flushed(product.left[row * product.k + index])
                let y = flushed(product.right[index * product.n + column])
                sums[index % 2] = flushed(sums[index % 2].addingProduct(x, y))
            }
            total = flushed(total + flushed(sums[0] + sums[1]))
        }
        return total
    }

    @Test(arguments: MatrixProductTests.scales)
    func sumsHaveTheBitsOfTheirDefinition(scale: Float) {
        var random = SeededGenerator(seed: 21)
        for m in [1, 2, 15, 16, 17, 31, 32, 33, 48, 96] {
            let product = Product(
                .bfloat16, m: m, n: Int.random(in: 1...64, using: &random), k: Precision.bfloat16.depth(&random),
                scale: scale, &random)
            let expected = (0..<m * product.n).map { sum(product, $0 / product.n, $0 % product.n) }
            #expect(
                product.sums(kernels).firstDifference(from: expected) == nil, "\(product.m)×\(product.n)×\(product.k)")
            #expect(product.isIntact)
        }
    }

    /// A thread may give its tiles back between any two products.
    @Test func tilesAreTakenAgain() {
        var random = SeededGenerator(seed: 22)
        let product = Product(.bfloat16, m: 20, n: 30, k: 100, &random)
        let expected = product.sums(kernels)
        penstock_release_tiles()
        penstock_release_tiles()
        #expect(product.sums(kernels).firstDifference(from: expected) == nil)
    }
}
