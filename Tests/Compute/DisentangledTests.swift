import PenstockCompute
import PenstockTestSupport
import Testing

/// Attention with products of queries and keys with their distance.
@Suite struct DisentangledTests {
    /// Which products there are.
    enum Products: CaseIterable {
        case both
        case queries
        case keys

        var hasKeys: Bool { self != .keys }
        var hasQueries: Bool { self != .queries }
    }

    /// Random positions and what projects them.
    private struct Positions {
        let hiddenSize = 20
        let span: Int
        let shape: AttentionShape
        let buckets: SignedBuckets
        let embeddings: [Float]
        /// `[heads × headSize, hidden size]`, and a bias behind it
        let keys: [Float]
        let queries: [Float]

        init(span: Int, _ shape: AttentionShape, _ buckets: SignedBuckets, _ random: inout SeededGenerator) {
            (self.span, self.shape, self.buckets) = (span, shape, buckets)
            let width = shape.heads * shape.headSize
            embeddings = random.floats(2 * span * hiddenSize)
            keys = random.floats(width * (hiddenSize + 1))
            queries = random.floats(width * (hiddenSize + 1))
        }

        func table(
            _ products: Products, longest: Int, _ precision: Precision = .float32, kernels: Kernels = .best
        ) -> DisentangledTable {
            let width = shape.heads * shape.headSize
            let turns = makeTurns(threads: 1, kernels: kernels)
            func layer(_ values: [Float]) -> Linear {
                withWeights(Array(values.prefix(width * hiddenSize)), rows: width, columns: hiddenSize) { weights in
                    required { try Linear([weights], bias: Array(values.suffix(width)), in: turns) }
                }
            }
            return required {
                try DisentangledTable(
                    DisentangledTable.Source(
                        embeddings: embeddings, norm: nil, keys: products.hasKeys ? layer(keys) : nil,
                        queries: products.hasQueries ? layer(queries) : nil),
                    shape: shape, precision: precision, span: span, buckets: buckets, longest: longest, in: turns)
            }
        }

        /// A row of a projection of a place's embedding, for a head.
        private func row(_ values: [Float], place: Int, head: Int) -> [Double] {
            let width = shape.heads * shape.headSize
            return (head * shape.headSize..<(head + 1) * shape.headSize).map { output in
                (0..<hiddenSize).reduce(Double(values[width * hiddenSize + output])) {
                    $0 + Double(values[output * hiddenSize + $1]) * Double(embeddings[place * hiddenSize + $1])
                }
            }
        }

        /// What is added to scale·q·kᵀ of a sample of one sequence.
        func addend(_ products: Products, of sample: AttentionSample) -> (Int, Int, Int) -> Double {
            let (size, width) = (shape.headSize, sample.width)
            let rows = (0..<2 * span).map { place in
                (0..<shape.heads).map { (row(keys, place: place, head: $0), row(queries, place: place, head: $0)) }
            }
            return { head, query, key in
                let place = min(max(buckets.bucket(of: query - key) + span, 0), 2 * span - 1)
                let (positionKey, positionQuery) = rows[place][head]
                var sum = 0.0
                for index in 0..<size {
                    let q = Double(sample.rows[query][head * size + index])
                    let k = Double(sample.rows[key][width + head * size + index])
                    if products.hasKeys { sum += q * positionKey[index] }
                    if products.hasQueries { sum += k * positionQuery[index] }
                }
                return sum * Double(shape.scale)
            }
        }
    }

    private static func sample(
        heads: Int, headSize: Int, lengths: [Int], span: Int, _ buckets: SignedBuckets
    ) -> (AttentionSample, Positions) {
        var random = SeededGenerator(seed: UInt64(headSize + span))
        let plain = AttentionSample(heads: heads, headSize: headSize, lengths: lengths, &random)
        let shape = AttentionShape(heads: heads, headSize: headSize, scale: 1 / Float(3 * headSize).squareRoot())
        let rows = plain.rows.map { $0.map { $0 / 2 } }
        return (
            AttentionSample(shape, lengths: lengths, rows: rows), Positions(span: span, shape, buckets, &random)
        )
    }

    /// Spans around panels of 64 places, with buckets and without, and sequences within and beyond them.
    private static let cases: [(headSize: Int, length: Int, span: Int, buckets: SignedBuckets)] = [
        (8, 1, 4, .none), (8, 2, 1, .none), (5, 30, 8, .none), (16, 70, 33, .none), (16, 150, 32, .none),
        (12, 130, 8, SignedBuckets(count: 8, maxDistance: 40)),
        (32, 200, 40, SignedBuckets(count: 40, maxDistance: 100)),
    ]

    @Test(arguments: Products.allCases, cases.indices)
    func closeToTheExactOne(products: Products, index: Int) {
        let (headSize, length, span, buckets) = Self.cases[index]
        var (sample, positions) = Self.sample(
            heads: 2, headSize: headSize, lengths: [length], span: span, buckets)
        sample.addend = positions.addend(products, of: sample)
        for visibility in [Visibility.everything, .past, .window(before: 20, behind: 70)] {
            sample.visibility = visibility
            let exact = sample.exact
            for kernels in Kernels.available {
                // Longer than the sequence, as in a batch.
                sample.terms = .disentangled(positions.table(products, longest: length + 7, kernels: kernels))
                let found = sample.run(on: makeCPU(threads: 2, kernels: kernels))
                let worst = zip(found, exact).map { abs(Double($0) - $1.value) }.max() ?? 0
                #expect(worst < 4e-5, "\(kernels.name), \(visibility)")
            }
        }
    }

    @Test(arguments: Products.allCases, [Precision.float32, .bfloat16])
    func companyAndThreadsDoNotMatter(products: Products, precision: Precision) {
        var (sample, positions) = Self.sample(
            heads: 2, headSize: 16, lengths: [200, 65, 1, 48, 130], span: 40,
            SignedBuckets(count: 40, maxDistance: 100))
        sample.terms = .disentangled(positions.table(products, longest: 200, precision))
        let cpus = (1...3).map { makeCPU(threads: $0) }
        for visibility in [Visibility.everything, .past] {
            sample.visibility = visibility
            let together = sample.run(on: cpus[0], precision)
            for cpu in cpus[1...] {
                #expect(sample.run(on: cpu, precision).firstDifference(from: together) == nil)
            }
            let apart = sample.lengths.indices.flatMap { sample.alone($0).run(on: cpus[1], precision) }
            #expect(apart.firstDifference(from: together) == nil, "\(visibility)")
        }
    }

    /// Numbers of 8 bits in products of some 16 terms, and weights that are rounded.
    @Test(arguments: Products.allCases)
    func brainFloatsAreClose(products: Products) {
        var (sample, positions) = Self.sample(
            heads: 2, headSize: 16, lengths: [130, 7], span: 20, SignedBuckets(count: 20, maxDistance: 64))
        for kernels in Kernels.available {
            let cpu = makeCPU(threads: 1, kernels: kernels)
            sample.terms = .disentangled(positions.table(products, longest: 130, kernels: kernels))
            let wide = sample.run(on: cpu)
            sample.terms = .disentangled(positions.table(products, longest: 130, .bfloat16, kernels: kernels))
            let narrow = sample.run(on: cpu, .bfloat16)
            let worst = zip(wide, narrow).map { abs($0 - $1) }.max() ?? 0
            #expect(worst > 0 && worst < 0.06, "\(kernels.name)")
        }
    }

    @Test func plansKnowWhatTablesTake() {
        let (_, positions) = Self.sample(heads: 2, headSize: 16, lengths: [1], span: 40, .none)
        for products in Products.allCases {
            for precision in [Precision.float32, .bfloat16] {
                let planned = DisentangledTable(
                    planned: 40, shape: positions.shape, precision: precision, hasKeys: products.hasKeys,
                    hasQueries: products.hasQueries, longest: 99)
                #expect(planned.bytes == positions.table(products, longest: 99, precision).bytes)
            }
        }
    }
}
