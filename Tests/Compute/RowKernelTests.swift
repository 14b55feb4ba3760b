import CKernels
import Foundation
import PenstockCompute
import PenstockTestSupport
import Testing

/// The kernels that work on one row.
@Suite struct RowKernelTests {
    /// Lengths around every vector width, and long ones.
    static let lengths = Array(1...70) + [127, 128, 129, 384, 768, 1000, 1023]

    // MARK: Sum

    @Test(arguments: Kernels.available)
    func add(kernels: Kernels) {
        var random = SeededGenerator(seed: 1)
        for count in [0] + Self.lengths {
            let (x, y) = (Buffer(random.floats(count), offset: 1), Buffer(random.floats(count), offset: 3))
            let expected = zip(x.values, y.values).map { $1 + $0 }
            kernels.table.pointee.add(count, x.base, y.base)
            #expect(y.values == expected && x.isIntact && y.isIntact, "\(count)")
        }
    }

    // MARK: Gathered sums

    @Test(arguments: Kernels.available)
    func gatherSums(kernels: Kernels) {
        var random = SeededGenerator(seed: 7)
        for count in [0] + Self.lengths.filter({ $0 < 130 }) {
            let (width, stride) = (37, 40)
            let places = (0..<count).map { _ in Int32.random(in: 0..<Int32(width), using: &random) }
            let (x, rows) = (Buffer(random.floats(width), offset: 1), Buffer(random.floats(count * stride), offset: 2))
            let (values, table) = (x.values, rows.values)
            for (hasX, hasRows) in [(true, true), (true, false), (false, true)] {
                let y = Buffer(unwritten: count, offset: 3)
                kernels.table.pointee.gather_sums(
                    count, places, hasX ? x.base : nil, hasRows ? rows.base : nil, stride, y.base)
                let expected = places.enumerated().map { row, place in
                    let picked = table[row * stride + Int(place)]
                    return hasX ? hasRows ? values[Int(place)] + picked : values[Int(place)] : picked
                }
                #expect(y.values == expected && y.isIntact, "\(count)")
            }
        }
    }

    // MARK: Layer normalisation

    private static func exactLayerNorm(_ x: [Float], _ gain: [Float], _ shift: [Float], _ epsilon: Float) -> [Double] {
        let mean = x.reduce(0) { $0 + Double($1) } / Double(x.count)
        let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(x.count)
        let factor = 1 / (variance + Double(epsilon)).squareRoot()
        return x.indices.map { (Double(x[$0]) - mean) * factor * Double(gain[$0]) + Double(shift[$0]) }
    }

    /// Rows around `mean` with deviations around 1, for which single precision leaves an error of about |mean|·2⁻²³.
    @Test(arguments: Kernels.available, [Float(0), 3, -1000])
    func layerNorm(kernels: Kernels, mean: Float) {
        var random = SeededGenerator(seed: 2)
        for count in Self.lengths {
            let x = Buffer(random.floats(count, scale: 2).map { $0 + mean }, offset: 1)
            let (gain, shift) = (
                Buffer(random.floats(count, scale: 2), offset: 2), Buffer(random.floats(count), offset: 3)
            )
            let y = Buffer(unwritten: count)
            let epsilon: Float = random.pick([1e-12, 1e-5, 0.1])
            let exact = Self.exactLayerNorm(x.values, gain.values, shift.values, epsilon)
            kernels.table.pointee.layer_norm(count, x.base, gain.base, shift.base, epsilon, y.base)
            #expect(x.isIntact && y.isIntact && gain.isIntact && shift.isIntact)
            // Of few values, some may deviate by much less than 1, which magnifies the error.
            let tolerance = (count < 8 ? 20 : 1) * (4e-6 + 1e-6 * Double(abs(mean)))
            let worst = zip(y.values, exact).map { abs(Double($0) - $1) }.max() ?? 0
            #expect(worst < tolerance, "\(count) values")
            kernels.table.pointee.layer_norm(count, x.base, gain.base, shift.base, epsilon, x.base)
            #expect(x.values.firstDifference(from: y.values) == nil, "in place")
        }
    }

    @Test(arguments: Kernels.available)
    func layerNormOfEqualValues(kernels: Kernels) {
        for count in Self.lengths {
            let x = Buffer(repeatElement(0.5, count: count))
            let (gain, shift) = (Buffer(repeatElement(3, count: count)), Buffer((0..<count).map { Float($0) }))
            kernels.table.pointee.layer_norm(count, x.base, gain.base, shift.base, 1e-12, x.base)
            #expect(x.values == shift.values)
        }
    }

    // MARK: Softmax

    private static func softmax(_ values: [Float], _ kernels: Kernels) -> [Float] {
        let buffer = Buffer(values, offset: 1)
        kernels.table.pointee.softmax(values.count, buffer.base)
        #expect(buffer.isIntact)
        return buffer.values
    }

    /// Each difference to the largest value is rounded, and so is its product with log₂ e, which is rounded itself; each
    /// power is within 1.5 ulp, and so is each step of the sum, which may be as long as the row.
    @Test(arguments: Kernels.available, [Float(0.01), 1, 10, 200, 1e30])
    func softmax(kernels: Kernels, spread: Float) {
        var random = SeededGenerator(seed: 3)
        for count in Self.lengths + [30522] {
            let values = random.floats(count, scale: spread)
            let largest = Double(values.max() ?? 0)
            let exponentials = values.map { exp(Double($0) - largest) }
            let sum = exponentials.reduce(0, +)
            var worst = 0.0
            for (index, found) in Self.softmax(values, kernels).enumerated() {
                let exact = exponentials[index] / sum
                let relative = (Double(count) + 6 + 3 * (largest - Double(values[index]))) * 0x1p-24
                worst = max(worst, abs(Double(found) - exact) - exact * relative - 0x1p-148)
            }
            #expect(worst <= 0, "\(count) values")
        }
    }

    @Test(arguments: Kernels.available)
    func softmaxOfEqualValues(kernels: Kernels) {
        for count in Self.lengths + [30522] {
            for value: Float in [0, -7, 1e30, -.greatestFiniteMagnitude] {
                #expect(
                    Self.softmax(Array(repeating: value, count: count), kernels).allSatisfy { $0 == 1 / Float(count) })
            }
        }
    }

    @Test(arguments: Kernels.available)
    func softmaxBeyondFiniteValues(kernels: Kernels) {
        var random = SeededGenerator(seed: 4)
        for count in Self.lengths {
            let values = random.floats(count)
            let place = Int.random(in: 0..<count, using: &random)
            for poison in [Float.nan, .infinity] {
                var poisoned = values
                poisoned[place] = poison
                #expect(Self.softmax(poisoned, kernels).allSatisfy { $0.isNaN }, "\(poison) at \(place) of \(count)")
            }
            var masked = values
            masked[place] = -.infinity
            let found = Self.softmax(masked, kernels)
            if count == 1 {
                #expect(found[0].isNaN)
            } else {
                #expect(found[place] == 0 && abs(found.reduce(0, +) - 1) < 1e-5)
            }
        }
    }
}
