import CKernels
import Foundation
import PenstockCompute
import PenstockTestSupport
import Testing

/// The kernels that make operands of products.
@Suite struct OperandTests {
    static let lengths = Array(1...70) + [127, 128, 129, 768, 1023]

    // MARK: bfloat16

    private static func rounded(_ values: [Float], _ kernels: Kernels) -> [UInt16] {
        let x = Buffer(values, offset: 1)
        let units = Buffer(unwritten: (values.count + 1) / 2, offset: 3)
        kernels.table.pointee.to_bfloat16(values.count, x.base, units.base)
        #expect(x.isIntact && units.isIntact)
        let found = units.bFloat16s
        if !values.count.isMultiple(of: 2) { #expect(found.last == 0, "a half-full unit") }
        return Array(found.prefix(values.count))
    }

    /// Every bfloat16, with what follows it in single precision: nothing, the least, all around the tie, and the most.
    @Test(arguments: Kernels.available)
    func everyBrainFloatAndItsTies(kernels: Kernels) {
        for tail: UInt32 in [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF] {
            let values = (0...UInt32(UInt16.max)).map { Float(bitPattern: $0 << 16 | tail) }
            let wrong = zip(Self.rounded(values, kernels), values).first { !Float.isBFloat16($0, of: $1, kernels) }
            #expect(wrong == nil, "behind it \(tail)")
        }
        let edges: [Float] = [.greatestFiniteMagnitude, Float(bitPattern: 0x7F7F_7FFF), -.infinity, -0.0]
        #expect(Self.rounded(edges, kernels) == [0x7F80, 0x7F7F, 0xFF80, 0x8000])
    }

    @Test(arguments: Kernels.available)
    func brainFloatsOfAnyLength(kernels: Kernels) {
        var random = SeededGenerator(seed: 1)
        for count in Self.lengths {
            let values = random.floats(count)
            #expect(Self.rounded(values, kernels) == values.map(\.nearestBFloat16), "\(count)")
        }
    }

    @Test(arguments: Kernels.available)
    func interleaving(kernels: Kernels) {
        var random = SeededGenerator(seed: 2)
        for count in [0] + Self.lengths {
            let rows = (0..<2).map { _ in Buffer(random.floats((count + 1) / 2), offset: 1) }
            let units = Buffer(unwritten: count, offset: 3)
            kernels.table.pointee.interleave_bfloat16(count, rows[0].base, rows[1].base, units.base)
            let halves = rows.map(\.bFloat16s)
            #expect(units.bFloat16s == (0..<count).flatMap { [halves[0][$0], halves[1][$0]] } && units.isIntact)
        }
    }

    // MARK: Bytes

    private struct Bytes: Equatable {
        let bytes: [UInt8]
        let scale: UInt32
        /// The zero point of inputs, the sum of weights.
        let number: Int32

        var step: Double { Double(Float(bitPattern: scale)) }

        init(_ values: [Float], areWeights: Bool, _ kernels: Kernels) {
            let x = Buffer(values, offset: 1)
            let units = Buffer(unwritten: (values.count + 3) / 4, offset: 3)
            var (scale, number): (Float, Int32) = (-1, -1)
            let table = kernels.table.pointee
            (areWeights ? table.to_int8_weights : table.to_int8)(values.count, x.base, units.base, &scale, &number)
            #expect(x.isIntact && units.isIntact)
            bytes = units.bytes
            (self.scale, self.number) = (scale.bitPattern, number)
        }
    }

    /// Rows of many kinds: of either sign, one-sided, constant, with outliers.
    private static func rows(_ count: Int, _ random: inout SeededGenerator) -> [[Float]] {
        let values = random.floats(count)
        var outlier = values
        outlier[count / 2] = 500
        return [
            values, values.map(abs), values.map { -abs($0) }, outlier, Array(repeating: 0, count: count),
            Array(repeating: 3.7, count: count), Array(repeating: -0.1, count: count), values.map { $0 * 1e-25 },
            values.map { $0 * 1.6e38 }, values.map { $0 + 100 },
        ]
    }

    @Test(arguments: Kernels.available)
    func inputsAreWithinHalfAStep(kernels: Kernels) {
        var random = SeededGenerator(seed: 3)
        for count in Self.lengths {
            for (kind, row) in Self.rows(count, &random).enumerated() {
                let found = Bytes(row + [0], areWeights: false, kernels)
                #expect(found == Bytes(row + [0], areWeights: false, .scalar), "other bits than the scalar reference")
                #expect((0...255).contains(found.number))
                var worst = 0.0
                for (value, byte) in zip(row + [0], found.bytes) {
                    let stored = Double(Int32(byte) - found.number) * found.step
                    worst = max(worst, abs(stored - Double(value)))
                }
                #expect(worst <= 0.5001 * found.step, "row \(kind) of \(count)")
                #expect(Int32(found.bytes[count]) == found.number, "zero is exact")
                #expect(found.bytes.dropFirst(count + 1).allSatisfy { $0 == 0 }, "a unit that is not full")
                // The step is no larger than it has to be.
                let extent = Double(max(0, row.max() ?? 0)) - Double(min(0, row.min() ?? 0))
                #expect(abs(found.step * 255 - extent) <= 1e-6 * extent)
            }
        }
    }

    @Test(arguments: Kernels.available)
    func weightsAreWithinHalfAStep(kernels: Kernels) {
        var random = SeededGenerator(seed: 4)
        for count in Self.lengths {
            for (kind, row) in Self.rows(count, &random).enumerated() {
                let found = Bytes(row + [0], areWeights: true, kernels)
                #expect(found == Bytes(row + [0], areWeights: true, .scalar), "other bits than the scalar reference")
                let signed = found.bytes.map { Int8(bitPattern: $0) }
                #expect(found.number == signed.reduce(0) { $0 + Int32($1) } && signed.allSatisfy { $0 != -128 })
                let worst = zip(row, signed).map { abs(Double($1) * found.step - Double($0)) }.max() ?? 0
                #expect(worst <= 0.5001 * found.step, "row \(kind) of \(count)")
                #expect(signed.dropFirst(count).allSatisfy { $0 == 0 }, "zero is exact, and so is what fills the unit")
                let largest = Double(row.map(abs).max() ?? 0)
                #expect(abs(found.step * 127 - largest) <= 1e-6 * largest)
            }
        }
    }

    /// Rows so small that the inverse of a step overflows are taken for zero, and no row makes a wrong number.
    @Test(arguments: Kernels.available, [false, true])
    func bytesOfTheSmallest(kernels: Kernels, areWeights: Bool) {
        for value: Float in [.leastNonzeroMagnitude, .leastNormalMagnitude, 0x1p-110, -0x1p-101, 0x1p-99] {
            for count in [1, 4, 17] {
                let found = Bytes(Array(repeating: value, count: count), areWeights: areWeights, kernels)
                let values = found.bytes.prefix(count).map {
                    (areWeights ? Double(Int8(bitPattern: $0)) : Double($0) - Double(found.number)) * found.step
                }
                #expect(values.allSatisfy { abs($0 - Double(value)) <= max(abs(Double(value)) * 1e-6, 0x1p-100) })
            }
        }
    }

    @Test(arguments: Kernels.available, [Float.nan, -.nan, .infinity, -.infinity])
    func whatIsNoNumberMakesTheScaleNone(kernels: Kernels, poison: Float) {
        var random = SeededGenerator(seed: 5)
        for count in Self.lengths {
            var values = random.floats(count)
            values[Int.random(in: 0..<count, using: &random)] = poison
            for areWeights in [false, true] {
                let found = Bytes(values, areWeights: areWeights, kernels)
                #expect(Float(bitPattern: found.scale).isNaN, "\(count)")
            }
        }
    }

    /// A row whose extent is no number any more does not pass for one that is.
    @Test(arguments: Kernels.available)
    func anExtentThatOverflows(kernels: Kernels) {
        let found = Bytes([-3e38, 1, 3e38], areWeights: false, kernels)
        #expect(!Float(bitPattern: found.scale).isFinite && (0...255).contains(found.number))
    }

    // MARK: Transposition

    @Test(arguments: Kernels.available)
    func transposition(kernels: Kernels) {
        var random = SeededGenerator(seed: 6)
        let extents = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 48, 64]
        for rows in extents {
            for columns in extents + [100] {
                let (stride, targetStride) = (columns + random.pick([0, 1, 5]), rows + random.pick([0, 3]))
                // Any bits, also those of numbers that are none.
                let source = Buffer(
                    (0..<rows * stride).map { _ in Float(bitPattern: UInt32.random(in: 0...(.max), using: &random)) },
                    offset: 1)
                let target = Buffer(unwritten: columns * targetStride, offset: 3)
                kernels.table.pointee.transpose(rows, columns, source.base, stride, target.base, targetStride)
                let isRight = (0..<columns * targetStride).allSatisfy { index in
                    let (column, row) = (index / targetStride, index % targetStride)
                    let expected = row < rows ? source.base[row * stride + column].bitPattern : Buffer.guardBits
                    return target.base[index].bitPattern == expected
                }
                #expect(isRight && source.isIntact && target.isIntact, "\(rows)×\(columns)")
            }
        }
    }

    // MARK: Exponentials

    /// The sum, and the numbers as they are stored.
    private static func numerators(
        _ values: [Float], _ scale: Float, _ precision: Precision, _ kernels: Kernels
    ) -> (sum: Float, numbers: [Float]) {
        let x = Buffer(values, offset: 1)
        let y = Buffer(unwritten: precision.unitCount(values.count), offset: 3)
        let sum = numerators(x, scale, precision, kernels, into: y)
        #expect(x.isIntact && y.isIntact && x.values.firstDifference(from: values) == nil)
        guard precision == .bfloat16 else {
            let inPlace = numerators(x, scale, precision, kernels, into: x)
            #expect(inPlace.isIdentical(to: sum) && x.values.firstDifference(from: y.values) == nil && x.isIntact)
            return (sum, y.values)
        }
        if !values.count.isMultiple(of: 2) { #expect(y.bFloat16s.last == 0, "a half-full unit") }
        return (sum, y.bFloat16s.prefix(values.count).map(Float.init(bFloat16:)))
    }

    /// Of all scores, with nothing added.
    private static func numerators(
        _ x: Buffer, _ scale: Float, _ precision: Precision, _ kernels: Kernels, into y: Buffer
    ) -> Float {
        var scores = penstock_scores(
            count: x.count, first: 0, end: x.count, scores: x.base, addends: nil, scale: scale)
        return kernels.table.pointee.softmax_numerators(precision.code, &scores, y.base)
    }

    /// Each difference to the largest is rounded, and so is its product with the scale, of which there are two roundings
    /// more; then the exponential is within 1.5 ulp, or coarse and rounded to bfloat16.
    @Test(arguments: Kernels.available, [Precision.float32, .bfloat16])
    func numerators(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 7)
        for count in Self.lengths {
            for (spread, scale): (Float, Float) in [(1, 1), (10, 0.125), (200, 1), (1e30, 0.5), (3, 1e-8)] {
                let values = random.floats(count, scale: spread)
                let found = Self.numerators(values, scale, precision, kernels)
                let largest = Double(values.max() ?? 0)
                var (worst, exactSum) = (0.0, 0.0)
                for (value, number) in zip(values, found.numbers) {
                    let power = Double(scale) * (Double(value) - largest)
                    let exact = exp(power)
                    exactSum += exact
                    let argument = -power * 4 * 0x1p-24
                    let rounding = precision == .float32 ? 3 * 0x1p-24 : 0x1p-8 + 8e-5
                    let smallest = precision == .float32 ? 0x1p-148 : 0x1p-126
                    worst = max(worst, abs(Double(number) - exact) - exact * (argument + rounding) - smallest)
                }
                #expect(worst <= 0, "\(count) values, spread \(spread)")
                let bound = (precision == .float32 ? 0 : 8e-5) + Double(count + 400) * 0x1p-24
                #expect(abs(Double(found.sum) - exactSum) <= exactSum * bound, "\(count) values, spread \(spread)")
                #expect(found.numbers.max() == 1 || precision == .float32)
            }
        }
    }

    @Test(arguments: Kernels.available, [Precision.float32, .bfloat16])
    func numeratorsBeyondFiniteValues(kernels: Kernels, precision: Precision) {
        var random = SeededGenerator(seed: 8)
        for count in Self.lengths {
            var values = random.floats(count)
            let place = Int.random(in: 0..<count, using: &random)
            for poison in [Float.nan, .infinity] {
                values[place] = poison
                #expect(Self.numerators(values, 1, precision, kernels).sum.isNaN, "\(poison) at \(place) of \(count)")
            }
            values[place] = -.infinity
            let found = Self.numerators(values, 1, precision, kernels)
            #expect(count == 1 ? found.sum.isNaN : found.numbers[place] == 0 && found.sum.isFinite)
        }
    }

    // MARK: Sum

    @Test(arguments: Kernels.available)
    func sums(kernels: Kernels) {
        var random = SeededGenerator(seed: 9)
        for count in [0] + Self.lengths {
            let x = Buffer(random.floats(count), offset: 1)
            let exact = x.values.reduce(0) { $0 + Double($1) }
            #expect(abs(Double(kernels.table.pointee.sum(count, x.base)) - exact) <= Double(count) * 0x1p-20)
            #expect(x.isIntact)
        }
    }

    @Test(arguments: Kernels.available, Precision.allCases)
    func exerciseCountsItsOperations(kernels: Kernels, precision: Precision) {
        let once = kernels.table.pointee.exercise(precision.code, 1)
        #expect(once > 0 && kernels.table.pointee.exercise(precision.code, 50) == 50 * once)
    }
}
