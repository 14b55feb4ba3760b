import CKernels
import PenstockCompute
import PenstockTestSupport
import Testing

/// What is done to the sums of a product before they are written.
@Suite struct EpilogueTests {
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
                let sums = product.sums(kernels)
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
                if precision.isDefined(by: kernels) {
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
