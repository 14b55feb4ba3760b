import PenstockCompute
import PenstockTestSupport
import Testing

/// Attention with what is added to the scores, over the keys that are seen.
@Suite struct AttentionTermTests {
    /// A kind of term, and what it adds to scale·q·kᵀ.
    struct Kind: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let terms: @Sendable (_ shape: AttentionShape) -> ScoreTerms
        let addend: @Sendable (_ shape: AttentionShape) -> Addend

        typealias Addend = (_ head: Int, _ query: Int, _ key: Int) -> Double

        /// A number of its own for each head and distance, up to 3·reach.
        private static func number(_ head: Int, _ distance: Int) -> Float {
            Float((head * 31 + (distance + 400) * 17) % 41) / 8 - 2
        }

        private static func table(reach: Int, _ place: TermPlace) -> Kind {
            Kind(testDescription: "table up to \(reach), \(place)") { shape in
                .byDistance(DistanceTable(heads: shape.heads, reach: reach, place: place, value: number))
            } addend: { shape in
                let factor = place == .afterScale ? 1 : Double(shape.scale)
                return { head, query, key in
                    Double(number(head, min(max(key - query, -reach), reach))) * factor
                }
            }
        }

        private static func alibi(_ measure: ALiBi.Measure) -> Kind {
            Kind(testDescription: "ALiBi by \(measure)") { shape in
                .alibi(ALiBi(slopes: ALiBi.slopes(heads: shape.heads), measure: measure))
            } addend: { shape in
                let slopes = ALiBi.slopes(heads: shape.heads).map { Double($0) }
                return { head, query, key in
                    switch measure {
                    case .distance: -slopes[head] * Double(abs(key - query))
                    case .offset: slopes[head] * Double(key - query)
                    case .position: slopes[head] * Double(key)
                    }
                }
            }
        }

        static let all: [Kind] = [
            Kind(testDescription: "none", terms: { _ in .none }, addend: { _ in { _, _, _ in 0 } }),
            table(reach: 0, .afterScale), table(reach: 5, .beforeScale), table(reach: 130, .afterScale),
            alibi(.distance), alibi(.offset), alibi(.position),
        ]
    }

    /// What may be seen.
    static let visibilities: [Visibility] = [
        .everything, .past, .window(before: 0, behind: 0), .window(before: 3, behind: 1),
        .window(before: 64, behind: 64),
        .window(before: 0, behind: 70), .window(before: 500, behind: 0), .window(before: 20, behind: .max),
    ]

    static let shapes: [(heads: Int, headSize: Int, lengths: [Int])] = [
        (1, 1, [1, 2, 70]), (3, 5, [1, 7, 130, 2, 48, 49]), (2, 72, [1, 128, 31]), (2, 16, [200, 65, 64, 63, 3]),
        (3, 32, [193]), (1, 8, Array(1...70)),
    ]

    private static func sample(
        _ shape: (heads: Int, headSize: Int, lengths: [Int]), _ kind: Kind, _ visibility: Visibility = .everything
    ) -> AttentionSample {
        var random = SeededGenerator(seed: UInt64(shape.headSize))
        var sample = AttentionSample(
            heads: shape.heads, headSize: shape.headSize, lengths: shape.lengths, &random)
        sample.terms = kind.terms(sample.shape)
        sample.visibility = visibility
        sample.addend = kind.addend(sample.shape)
        return sample
    }

    /// The scores grow with what is added, and with them their roundings, which the exponential passes on.
    @Test(arguments: Kind.all, shapes)
    func closeToTheExactOne(kind: Kind, shape: (heads: Int, headSize: Int, lengths: [Int])) {
        var sample = Self.sample(shape, kind)
        let attention = ExactAttention(sample)
        let cpus = Kernels.available.map { makeCPU(threads: 2, kernels: $0) }
        for visibility in Self.visibilities {
            sample.visibility = visibility
            let exact = attention.results(of: sample)
            for cpu in cpus {
                let found = sample.run(on: cpu)
                #expect(found.count == exact.count)
                let worst = zip(found, exact).map { abs(Double($0) - $1.value) }.max() ?? 0
                #expect(worst < 4e-5, "\(cpu.kernels.name), \(visibility)")
            }
        }
    }

    /// As without terms: each weight is rounded to bfloat16, by at most 2⁻⁸ of itself.
    @Test(arguments: Kind.all, shapes)
    func brainFloatsAreCloseToTheExactOne(kind: Kind, shape: (heads: Int, headSize: Int, lengths: [Int])) {
        let isNarrow = 64.isMultiple(of: shape.headSize) && shape.headSize != 1
        var sample = Self.sample(shape, kind)
        let attention = ExactAttention(isNarrow ? sample.rounded : sample)
        let cpus = Kernels.available.map { makeCPU(threads: 2, kernels: $0) }
        for visibility in Self.visibilities {
            sample.visibility = visibility
            let exact = attention.results(of: sample)
            for cpu in cpus {
                let found = sample.run(on: cpu, .bfloat16)
                let worst = zip(found, exact).map { abs(Double($0) - $1.value) - $1.magnitude * (0x1p-8 + 2e-4) }.max()
                #expect(worst ?? 0 < 4e-5, "\(cpu.kernels.name), \(visibility)")
            }
        }
    }

    @Test(arguments: Kind.all, [Precision.float32, .bfloat16])
    func companyAndThreadsDoNotMatter(kind: Kind, precision: Precision) {
        var sample = Self.sample((2, 16, [200, 65, 1, 48, 130]), kind)
        let cpus = (1...3).map { makeCPU(threads: $0) }
        for visibility in Self.visibilities {
            sample.visibility = visibility
            let together = sample.run(on: cpus[0], precision)
            for cpu in cpus[1...] {
                let found = sample.run(on: cpu, precision)
                #expect(found.firstDifference(from: together) == nil, "\(cpu.threads) threads, \(visibility)")
            }
            let apart = sample.lengths.indices.flatMap { sample.alone($0).run(on: cpus[1], precision) }
            #expect(apart.firstDifference(from: together) == nil, "\(visibility)")
        }
    }

    /// A query that sees the past has the same bits whatever follows: a prompt may be computed in pieces.
    @Test(arguments: [Precision.float32, .bfloat16])
    func whatIsNotSeenDoesNotMatter(precision: Precision) {
        for kind in Kind.all {
            let whole = Self.sample((2, 16, [150]), kind, .past)
            let cpu = makeCPU(threads: 1)
            let all = whole.run(on: cpu, precision)
            for length in [1, 47, 48, 49, 64, 65, 127, 149] {
                var part = whole
                (part.rows, part.lengths) = (Array(whole.rows.prefix(length)), [length])
                let found = part.run(on: cpu, precision)
                #expect(found.firstDifference(from: Array(all.prefix(found.count))) == nil, "\(length), \(kind)")
            }
        }
    }

    @Test(arguments: [
        Visibility.everything, .past, .window(before: 0, behind: 0), .window(before: 3, behind: 5),
        .window(before: 64, behind: 0),
    ])
    func pairsThatSeeEachOther(visibility: Visibility) {
        for length in [0, 1, 2, 3, 4, 5, 6, 7, 66, 130] {
            let (before, behind) = (visibility.before, visibility.behind)
            let counted = (0..<length).reduce(0) { $0 + min(before, $1) + 1 + min(behind, length - 1 - $1) }
            #expect(visibility.pairs(of: length) == counted)
        }
    }

    /// A key that is infinitely far below gets no weight, one that is no number spoils the queries that see it.
    @Test func addendsBeyondFiniteValues() {
        let shape = (heads: 1, headSize: 16, lengths: [100])
        func run(_ poison: Float, _ visibility: Visibility) -> [Float] {
            var sample = Self.sample(shape, Kind.all[0], visibility)
            sample.terms = .byDistance(
                DistanceTable(heads: 1, reach: 200) { _, distance in distance == 10 ? poison : 0 })
            return sample.run(on: makeCPU(threads: 1))
        }
        for poison in [Float.nan, .infinity] {
            let found = run(poison, .everything)
            #expect(found.prefix(90 * 16).allSatisfy(\.isNaN) && found.dropFirst(90 * 16).allSatisfy(\.isFinite))
            #expect(run(poison, .past).allSatisfy { $0.isFinite })
        }
        #expect(run(-.infinity, .everything).allSatisfy { $0.isFinite })
    }
}
