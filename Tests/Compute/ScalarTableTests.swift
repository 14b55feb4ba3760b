import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

/// The scalar table has the same bits with instructions for fused multiply-adds, which all other tests take where there
/// are any, and without.
@Suite(.enabled(if: Kernels.scalar.table != penstock_kernels_scalar())) struct ScalarTableTests {
    private let plain = Kernels(table: penstock_kernels_scalar())
    private let fused = Kernels.scalar

    @Test(arguments: Precision.allCases, MatrixProductTests.scales)
    func products(precision: Precision, scale: Float) {
        var random = SeededGenerator(seed: 1)
        for activation in Activation.allCases {
            for _ in 0..<4 {
                let product = Product(
                    precision, m: Int.random(in: 1...13, using: &random), n: Int.random(in: 1...64, using: &random),
                    k: random.pick([1, 7, 64, 385, 1000]), scale: scale, &random)
                for isCoarse: Int32 in [0, 1] {
                    let epilogue = penstock_epilogue(
                        is_rounded: 0, bias: nil, activation: activation.kernel, is_coarse: isCoarse, residual: nil,
                        residual_stride: 0)
                    product.run(plain, epilogue)
                    let expected = product.result
                    product.run(fused, epilogue)
                    #expect(
                        product.result.firstDifference(from: expected) == nil,
                        "\(activation), \(product.m)×\(product.n)×\(product.k)")
                }
            }
        }
    }

    @Test func rows() {
        var random = SeededGenerator(seed: 2)
        for count in RowKernelTests.lengths {
            let (values, gain, shift) = (random.floats(count, scale: 4), random.floats(count), random.floats(count))
            func expectSameBits(_ what: String, _ body: (penstock_kernels, UnsafeMutablePointer<Float>) -> Void) {
                let (expected, found) = (Buffer(values), Buffer(values))
                body(plain.table.pointee, expected.base)
                body(fused.table.pointee, found.base)
                #expect(found.values.firstDifference(from: expected.values) == nil, "\(what) of \(count)")
            }
            expectSameBits("layer norm") { $0.layer_norm(count, $1, gain, shift, 1e-5, $1) }
            expectSameBits("RMS norm") { $0.rms_norm(count, $1, gain, 1e-5, $1) }
            expectSameBits("softmax") { $0.softmax(count, $1) }
            expectSameBits("gate") { $0.gate(count, $1, gain, penstock_activation_silu, 0, $1) }
            expectSameBits("bytes") { kernels, row in
                var (scale, zero): (Float, Int32) = (0, 0)
                var units = [Float](repeating: 0, count: (count + 3) / 4)
                kernels.to_int8(count, row, &units, &scale, &zero)
                row.update(from: units, count: units.count)
            }
        }
    }
}
