import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct AttentionTests {
    static let shapes: [(heads: Int, headSize: Int, lengths: [Int])] = [
        (1, 1, [1, 2]), (3, 5, [1, 7, 130, 2, 48, 49]), (2, 24, [64, 1, 65, 17]), (1, 64, [63, 96, 97, 3]),
        (2, 72, [1, 128, 31]), (4, 32, [33, 1, 100]), (3, 2, [5, 66]), (5, 16, [47, 48, 49, 50]),
        (1, 8, Array(1...130)),
    ]

    @Test(arguments: shapes)
    func closeToTheExactOne(heads: Int, headSize: Int, lengths: [Int]) {
        var random = SeededGenerator(seed: UInt64(headSize))
        let sample = AttentionSample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let exact = sample.exact
        for kernels in Kernels.available {
            let found = sample.run(on: makeCPU(threads: 2, kernels: kernels))
            #expect(found.count == exact.count)
            let worst = zip(found, exact).map { abs(Double($0) - $1.value) }.max() ?? 0
            #expect(worst < 4e-6, "\(kernels.name)")
        }
    }

    /// Each weight is rounded to bfloat16, by at most 2⁻⁸ of itself, beside 8e-5 of its own error.
    @Test(arguments: shapes)
    func brainFloatsAreCloseToTheExactOne(heads: Int, headSize: Int, lengths: [Int]) {
        var random = SeededGenerator(seed: UInt64(headSize))
        let sample = AttentionSample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let isNarrow = 64.isMultiple(of: headSize) && headSize != 1
        let exact = isNarrow ? sample.rounded.exact : sample.exact
        for kernels in Kernels.available {
            let cpu = makeCPU(threads: 2, kernels: kernels)
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
        let sample = AttentionSample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let together = sample.run(on: makeCPU(threads: 1), precision)
        for threads in 2...3 {
            let found = sample.run(on: makeCPU(threads: threads), precision)
            #expect(found.firstDifference(from: together) == nil, "\(threads) threads")
        }
        let cpu = makeCPU(threads: 2)
        let apart = lengths.indices.flatMap { sample.alone($0).run(on: cpu, precision) }
        #expect(apart.firstDifference(from: together) == nil)
    }

    /// What is no number in one sequence does not come into another, through scratch memory or otherwise.
    @Test(arguments: [Precision.float32, .bfloat16])
    func sequencesAreApart(precision: Precision) {
        var random = SeededGenerator(seed: 9)
        let sample = AttentionSample(heads: 2, headSize: 16, lengths: [130, 3, 64, 33], &random)
        let clean = sample.run(on: makeCPU(threads: 1), precision)
        for poison in [Float.nan, .infinity] {
            var poisoned = sample
            poisoned.rows[131] = poisoned.rows[131].map { _ in poison }
            let found = poisoned.run(on: makeCPU(threads: 1), precision)
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
        #expect(AttentionSample(heads: 2, headSize: 3, lengths: [], &random).run(on: makeCPU(threads: 2)).isEmpty)
    }
}
