import Foundation
import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct AttentionTests {
    /// A packed batch of queries, keys and values, side by side in the rows of one matrix.
    struct Sample {
        let shape: AttentionShape
        let lengths: [Int]
        var rows: [[Float]]

        var width: Int { shape.heads * shape.headSize }

        init(heads: Int, headSize: Int, lengths: [Int], _ random: inout SeededGenerator) {
            shape = AttentionShape(heads: heads, headSize: headSize, scale: 1 / Float(headSize).squareRoot())
            self.lengths = lengths
            rows = (0..<lengths.reduce(0, +)).map { _ in random.floats(3 * heads * headSize, scale: 2) }
        }

        private init(_ shape: AttentionShape, lengths: [Int], rows: [[Float]]) {
            (self.shape, self.lengths, self.rows) = (shape, lengths, rows)
        }

        func alone(_ sequence: Int) -> Sample {
            let start = lengths[..<sequence].reduce(0, +)
            return Sample(shape, lengths: [lengths[sequence]], rows: Array(rows[start..<start + lengths[sequence]]))
        }

        /// What a pass over memory full of NaNs gives, in a precision and, if asked for, rounded to bfloat16.
        func run(on cpu: CPU, _ precision: Precision = .float32, isRounded: Bool = false) -> [Float] {
            withWorkspace(filledWith: .nan, floats: 1 << 21) { workspace in
                let input = cpu.attentionInput(
                    rows: rows.count, columns: 3 * width, shape: shape, precision: precision, from: workspace)
                let hasHeadsInPanels = Linear.panelWidth.isMultiple(of: shape.headSize) && shape.headSize != 1
                #expect(input.precision == (hasHeadsInPanels ? precision : .float32))
                cpu.write(rows.flatMap { $0 }, into: input, workspace)
                let output = workspace.matrix(
                    rows: rows.count, columns: width, precision: isRounded ? .bfloat16 : .float32)
                let scratch = cpu.attentionScratch(
                    longest: lengths.max() ?? 0, shape: shape, input: input, from: workspace)
                // Offsets count from wherever the batch starts.
                cpu.attention(
                    queries: input.columns(0..<width), keys: input.columns(width..<2 * width),
                    values: input.columns(2 * width..<3 * width),
                    offsets: lengths.reduce(into: [1000]) { $0.append(($0.last ?? 0) + $1) }[...],
                    shape: shape, scratch: scratch, into: output)
                return isRounded ? cpu.read(output, workspace) : output.values
            }
        }

        /// The same sample with its numbers rounded to bfloat16.
        var rounded: Sample {
            Sample(shape, lengths: lengths, rows: rows.map { $0.map { Float(bFloat16: $0.nearestBFloat16) } })
        }

        /// softmax(scale·q·kᵀ)·v in double precision, and the same of |v|.
        var exact: [(value: Double, magnitude: Double)] {
            var result: [(value: Double, magnitude: Double)] = []
            var start = 0
            for length in lengths {
                let sequence = rows[start..<start + length]
                start += length
                for query in sequence {
                    for head in 0..<shape.heads {
                        let column = head * shape.headSize
                        let scores = sequence.map { key in
                            (0..<shape.headSize).reduce(0) {
                                $0 + Double(query[column + $1]) * Double(key[width + column + $1])
                            }
                                * Double(shape.scale)
                        }
                        let weights = scores.map { exp($0 - (scores.max() ?? 0)) }
                        let sum = weights.reduce(0, +)
                        for index in 0..<shape.headSize {
                            var (value, magnitude) = (0.0, 0.0)
                            for (weight, row) in zip(weights, sequence) {
                                let term = weight * Double(row[2 * width + column + index])
                                value += term
                                magnitude += abs(term)
                            }
                            result.append((value / sum, magnitude / sum))
                        }
                    }
                }
            }
            return result
        }
    }

    static let shapes: [(heads: Int, headSize: Int, lengths: [Int])] = [
        (1, 1, [1, 2]), (3, 5, [1, 7, 130, 2, 48, 49]), (2, 24, [64, 1, 65, 17]), (1, 64, [63, 96, 97, 3]),
        (2, 72, [1, 128, 31]), (4, 32, [33, 1, 100]), (3, 2, [5, 66]), (5, 16, [47, 48, 49, 50]),
        (1, 8, Array(1...130)),
    ]

    @Test(arguments: shapes)
    func closeToTheExactOne(heads: Int, headSize: Int, lengths: [Int]) {
        var random = SeededGenerator(seed: UInt64(headSize))
        let sample = Sample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let exact = sample.exact
        for kernels in Kernels.available {
            let found = sample.run(on: CPU(threads: 2, kernels: kernels))
            #expect(found.count == exact.count)
            let worst = zip(found, exact).map { abs(Double($0) - $1.value) }.max() ?? 0
            #expect(worst < 4e-6, "\(kernels.name)")
        }
    }

    /// Each weight is rounded to bfloat16, by at most 2⁻⁸ of itself, beside 8e-5 of its own error.
    @Test(arguments: shapes)
    func brainFloatsAreCloseToTheExactOne(heads: Int, headSize: Int, lengths: [Int]) {
        var random = SeededGenerator(seed: UInt64(headSize))
        let sample = Sample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let isNarrow = 64.isMultiple(of: headSize) && headSize != 1
        let exact = isNarrow ? sample.rounded.exact : sample.exact
        for kernels in Kernels.available {
            let cpu = CPU(threads: 2, kernels: kernels)
            let found = sample.run(on: cpu, .bfloat16)
            #expect(found.count == exact.count)
            let worst = zip(found, exact).map { abs(Double($0) - $1.value) - $1.magnitude * (0x1p-8 + 2e-4) }.max()
            #expect(worst ?? 0 < 4e-6, "\(kernels.name)")
            // The errors of many weights cancel out.
            let mean = zip(found, exact).map { abs(Double($0) - $1.value) / ($1.magnitude + 1e-9) }.reduce(0, +)
            #expect(mean / Double(max(1, found.count)) < 0x1p-9, "\(kernels.name)")
            // Heads of an odd size would share units.
            guard headSize.isMultiple(of: 2) else { continue }
            let rounded = sample.run(on: cpu, .bfloat16, isRounded: true)
            #expect(rounded.firstDifference(from: found.map { Float(bFloat16: $0.nearestBFloat16) }) == nil)
        }
    }

    @Test(arguments: shapes, [Precision.float32, .bfloat16])
    func companyAndThreadsDoNotMatter(
        shape: (heads: Int, headSize: Int, lengths: [Int]), precision: Precision
    ) {
        let (heads, headSize, lengths) = shape
        var random = SeededGenerator(seed: UInt64(headSize))
        let sample = Sample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let together = sample.run(on: CPU(threads: 1), precision)
        for threads in 2...3 {
            let found = sample.run(on: CPU(threads: threads), precision)
            #expect(found.firstDifference(from: together) == nil, "\(threads) threads")
        }
        let cpu = CPU(threads: 2)
        let apart = lengths.indices.flatMap { sample.alone($0).run(on: cpu, precision) }
        #expect(apart.firstDifference(from: together) == nil)
    }

    /// What is no number in one sequence does not come into another, through scratch memory or otherwise.
    @Test(arguments: [Precision.float32, .bfloat16])
    func sequencesAreApart(precision: Precision) {
        var random = SeededGenerator(seed: 9)
        let sample = Sample(heads: 2, headSize: 16, lengths: [130, 3, 64, 33], &random)
        let clean = sample.run(on: CPU(threads: 1), precision)
        for poison in [Float.nan, .infinity] {
            var poisoned = sample
            poisoned.rows[131] = poisoned.rows[131].map { _ in poison }
            let found = poisoned.run(on: CPU(threads: 1), precision)
            for row in sample.rows.indices {
                let range = row * sample.width..<(row + 1) * sample.width
                if (130..<133).contains(row) {
                    #expect(found[range].allSatisfy { !$0.isFinite })
                } else {
                    #expect(Array(found[range]).firstDifference(from: Array(clean[range])) == nil, "row \(row)")
                }
            }
        }
    }

    @Test func noSequences() {
        var random = SeededGenerator(seed: 1)
        #expect(Sample(heads: 2, headSize: 3, lengths: [], &random).run(on: CPU(threads: 2)).isEmpty)
    }
}
