import Foundation
import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct AttentionTests {
    /// A packed batch of queries, keys and values, side by side in the rows of one matrix.
    struct Sample {
        let shape: AttentionShape
        let lengths: [Int]
        let rows: [[Float]]

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

        func run(on cpu: CPU) -> [Float] {
            withWorkspace { workspace in
                let input = workspace.matrix(rows: rows.count, columns: 3 * width, rows.flatMap { $0 })
                let output = workspace.matrix(rows: rows.count, columns: width)
                let scratch = cpu.attentionScratch(longest: lengths.max() ?? 0, shape: shape, from: workspace)
                cpu.attention(
                    queries: input.columns(0..<width), keys: input.columns(width..<2 * width),
                    values: input.columns(2 * width..<3 * width),
                    offsets: lengths.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) },
                    shape: shape, scratch: scratch, into: output)
                return output.values
            }
        }

        /// softmax(scale·q·kᵀ)·v in double precision.
        var exact: [Double] {
            var result: [Double] = []
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
                            result.append(
                                zip(weights, sequence).reduce(0) {
                                    $0 + $1.0 * Double($1.1[2 * width + column + index])
                                } / sum)
                        }
                    }
                }
            }
            return result
        }
    }

    static let shapes: [(heads: Int, headSize: Int, lengths: [Int])] = [
        (1, 1, [1, 2]), (3, 5, [1, 7, 130, 2, 48, 49]), (2, 24, [64, 1, 65, 17]), (1, 64, [63, 96, 97, 3]),
        (2, 72, [1, 128, 31]),
    ]

    @Test(arguments: shapes)
    func closeToTheExactOne(heads: Int, headSize: Int, lengths: [Int]) {
        var random = SeededGenerator(seed: UInt64(headSize))
        let sample = Sample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let exact = sample.exact
        for kernels in Kernels.available {
            let found = sample.run(on: CPU(threads: 2, kernels: kernels))
            #expect(found.count == exact.count)
            let worst = zip(found, exact).map { abs(Double($0) - $1) }.max() ?? 0
            #expect(worst < 4e-6, "\(kernels.name)")
        }
    }

    @Test(arguments: shapes)
    func companyAndThreadsDoNotMatter(heads: Int, headSize: Int, lengths: [Int]) {
        var random = SeededGenerator(seed: UInt64(headSize))
        let sample = Sample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let together = sample.run(on: CPU(threads: 1))
        for threads in 2...3 {
            #expect(sample.run(on: CPU(threads: threads)).firstDifference(from: together) == nil, "\(threads) threads")
        }
        let apart = lengths.indices.flatMap { sample.alone($0).run(on: CPU(threads: 2)) }
        #expect(apart.firstDifference(from: together) == nil)
    }

    @Test func noSequences() {
        var random = SeededGenerator(seed: 1)
        #expect(Sample(heads: 2, headSize: 3, lengths: [], &random).run(on: CPU(threads: 2)).isEmpty)
    }
}
