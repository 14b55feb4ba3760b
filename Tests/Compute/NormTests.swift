import CKernels
import Foundation
import PenstockCompute
import PenstockTestSupport
import Testing

/// Normalisations beside that with gain and shift.
@Suite struct NormTests {
    /// The mean of the squares is a sum of up to n / 4 steps of a rounding each; the root halves their error.
    @Test(arguments: Kernels.available, [Float(1e-4), 2])
    func rootMeanSquare(kernels: Kernels, scale: Float) {
        var random = SeededGenerator(seed: 1)
        for count in RowKernelTests.lengths {
            let x = Buffer(random.floats(count, scale: scale), offset: 1)
            let gain = Buffer(random.floats(count, scale: 2), offset: 2)
            let y = Buffer(unwritten: count, offset: 3)
            let epsilon: Float = random.pick([1e-12, 1e-5, 0.1])
            let meanSquare = x.values.reduce(0) { $0 + Double($1) * Double($1) } / Double(count)
            for weight in [gain, nil] {
                kernels.table.pointee.rms_norm(count, x.base, weight?.base, epsilon, y.base)
                #expect(x.isIntact && gain.isIntact && y.isIntact)
                for (index, found) in y.values.enumerated() {
                    let normalized = Double(x.values[index]) / (meanSquare + Double(epsilon)).squareRoot()
                    let exact = normalized * Double(weight?.values[index] ?? 1)
                    #expect(abs(Double(found) - exact) <= abs(exact) * (Double(count) / 8 + 8) * 0x1p-24 + 0x1p-148)
                }
                let inPlace = Buffer(x.values)
                kernels.table.pointee.rms_norm(count, inPlace.base, weight?.base, epsilon, inPlace.base)
                #expect(inPlace.values.firstDifference(from: y.values) == nil && inPlace.isIntact)
            }
        }
    }

    /// Without a gain it is 1, and without a shift nothing is added, not even the sign of zero.
    @Test(arguments: Kernels.available)
    func withoutWeights(kernels: Kernels) {
        var random = SeededGenerator(seed: 2)
        for count in RowKernelTests.lengths {
            let x = Buffer(random.floats(count))
            let (ones, zeros) = (Buffer(repeatElement(1, count: count)), Buffer(repeatElement(-0.0, count: count)))
            let (gain, shift) = (Buffer(random.floats(count)), Buffer(random.floats(count)))
            for (weight, bias) in [(gain, nil), (nil, shift), (nil, nil)] as [(Buffer?, Buffer?)] {
                let (found, expected) = (Buffer(unwritten: count), Buffer(unwritten: count))
                kernels.table.pointee.layer_norm(count, x.base, weight?.base, bias?.base, 1e-5, found.base)
                kernels.table.pointee.layer_norm(
                    count, x.base, (weight ?? ones).base, (bias ?? zeros).base, 1e-5, expected.base)
                #expect(found.values.firstDifference(from: expected.values) == nil && found.isIntact, "\(count)")
            }
        }
    }

    @Test func gainsThatAddOne() {
        var random = SeededGenerator(seed: 3)
        let (values, weight) = (random.floats(3 * 20), random.floats(20))
        withWorkspace { workspace in
            let cpu = makeCPU(threads: 1)
            let input = workspace.matrix(rows: 3, columns: 20, values)
            let (found, expected) = (workspace.matrix(rows: 3, columns: 20), workspace.matrix(rows: 3, columns: 20))
            cpu.rmsNorm(input, RMSNorm(weight: weight, addsOne: true, epsilon: 1e-6), into: found)
            cpu.rmsNorm(input, RMSNorm(weight: weight.map { $0 + 1 }, epsilon: 1e-6), into: expected)
            #expect(found.values == expected.values)
        }
    }

    @Test(arguments: [(0, 5), (1, 1), (700, 33), (50, 768)])
    func anyThreadsAndLanes(rows: Int, columns: Int) {
        var random = SeededGenerator(seed: 4)
        let norm = RMSNorm(weight: random.floats(columns), epsilon: 1e-6)
        let values = random.floats(rows * columns)
        withWorkspace { workspace in
            let alone = workspace.matrix(rows: rows, columns: columns, values)
            for row in 0..<rows {
                makeCPU(threads: 1).rmsNorm(alone.rows(row..<row + 1), norm, into: alone.rows(row..<row + 1))
            }
            for threads in 1...3 {
                let cpu = makeCPU(threads: threads)
                let whole = workspace.matrix(rows: rows, columns: columns, values)
                let blocks = workspace.matrix(rows: rows, columns: columns, values)
                cpu.rmsNorm(whole, norm, into: whole)
                cpu.forEachBlock(of: rows) { $1.rmsNorm(blocks.rows($0), norm, into: blocks.rows($0)) }
                #expect(whole.values == alone.values && blocks.values == alone.values, "\(threads) threads")
            }
        }
    }
}
