import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// A token's keys, values and logits have the same bits however its sequence was cut into steps, whoever was in them, and
/// on however many threads.
@Suite struct DecoderBitsTests {
    /// Decoders of each kind of attention: rows of several heads, ALiBi, windows, limits of scores, scaled angles.
    private static let names = [
        "llama", "bloom", "gpt2", "gpt-neox", "opt-norms-behind", "mistral", "gemma2", "gemma3", "qwen3",
        "phi3-longrope",
        "llama-dynamic", "mistral-wide-window",
    ]

    /// A form of weights, and of keys and values.
    struct Form: CustomTestStringConvertible, Sendable {
        let weights: WeightFormat
        var hasBytePages = false

        var testDescription: String { "\(weights)\(hasBytePages ? ", bytes in pages" : "")" }
    }

    private static let forms =
        Precision.allCases.map { Form(weights: .numbers($0)) } + [Form(weights: .int4)]
        + [.float32, .bfloat16].map { Form(weights: .numbers($0), hasBytePages: true) }

    private static func model(_ name: String, _ form: Form) throws -> DecoderModel {
        try DecoderRunner.model(
            of: Fixtures.path("decoders/\(name)"), form.weights, hasBytePages: form.hasBytePages)
    }

    private static func length(_ runner: DecoderRunner) -> Int { min(runner.model.limits.tokens, 1100) }

    @Test(arguments: names, forms)
    func chunksDoNotMatter(name: String, form: Form) throws {
        var random = SeededGenerator(seed: 1)
        let runner = try DecoderRunner(Self.model(name, form))
        let ids = runner.ids(Self.length(runner), &random)
        let whole = try runner.sequence(extent: ids.count)
        let expected = try runner.logits(ids, chunks: [ids.count], of: whole)
        #expect(expected.count == ids.count && expected.allSatisfy { $0.allSatisfy(\.isFinite) })
        let tail = ids.count - 40
        // Whole chunks, single tokens behind a prompt, and odd sizes across the borders of pages and ranges.
        for chunks in [[64], [tail, 1], [1, 2, 63, 7, 129], [tail - 3, 5, 1, 4]] {
            let sequence = try runner.sequence(extent: ids.count)
            let found = try runner.logits(ids, chunks: chunks, of: sequence)
            #expect(found == expected, "\(chunks)")
            #expect(runner.bytes(of: sequence) == runner.bytes(of: whole), "\(chunks)")
            sequence.releaseAll(in: runner.pool)
        }
        whole.releaseAll(in: runner.pool)
        #expect(runner.pool.free == runner.pool.count)
    }

    @Test(arguments: names, forms)
    func companyAndThreadsDoNotMatter(name: String, form: Form) throws {
        let model = try Self.model(name, form)
        let alone = try DecoderRunner(model)
        var random = SeededGenerator(seed: 2)
        let most = Self.length(alone)
        let texts = [most, 1, 65, most - 1, 30, 64, 2].map { alone.ids(min($0, most), &random) }
        var expected: [[[Float]]] = []
        for ids in texts {
            let sequence = try alone.sequence(extent: ids.count)
            expected.append(try alone.logits(ids, chunks: [ids.count], of: sequence))
            sequence.releaseAll(in: alone.pool)
        }
        for threads in 1...3 {
            let runner = try DecoderRunner(model, threads: threads, pages: 128)
            for _ in 0..<2 { try runTogether(texts, expected, on: runner, &random) }
        }
    }

    /// Random steps until all texts are done: each takes some tokens of some of them.
    private func runTogether(
        _ texts: [[Int32]], _ expected: [[[Float]]], on runner: DecoderRunner, _ random: inout SeededGenerator
    ) throws {
        let sequences = try texts.map { try runner.sequence(extent: $0.count) }
        var done = texts.map { _ in 0 }
        while let _ = done.indices.first(where: { done[$0] < texts[$0].count }) {
            var items: [DecoderRunner.Item] = []
            var chosen: [(text: Int, tokens: Range<Int>)] = []
            var left = DecoderRunner.mostTokens
            for text in texts.indices.shuffled(using: &random) where done[text] < texts[text].count {
                let rest = min(texts[text].count - done[text], left)
                guard rest > 0, Bool.random(using: &random) || items.isEmpty else { continue }
                let count = Bool.random(using: &random) ? 1 : Int.random(in: 1...rest, using: &random)
                let tokens = done[text]..<done[text] + count
                items.append((sequences[text], Array(texts[text][tokens]), .from(0)))
                chosen.append((text, tokens))
                left -= count
            }
            let found = try #require(runner.run(items))
            for (index, item) in chosen.enumerated() {
                #expect(found[index] == Array(expected[item.text][item.tokens]), "\(item)")
                done[item.text] += item.tokens.count
            }
        }
        for sequence in sequences { sequence.releaseAll(in: runner.pool) }
        #expect(runner.pool.free == runner.pool.count)
    }

    /// What is not read is not computed to the end, and changes nothing.
    @Test(arguments: ["llama", "bloom", "opt-norms-behind"])
    func onlyWhatIsReadIsComputed(name: String) throws {
        var random = SeededGenerator(seed: 3)
        let runner = try DecoderRunner(name, threads: 2)
        let ids = runner.ids(130, &random)
        let whole = try runner.sequence(extent: ids.count)
        let expected = try runner.logits(ids, chunks: [ids.count], of: whole)
        for reading in [DecoderStep.Reading.nothing, .last, .from(120), .some([0, 64, 129]), .from(130)] {
            let (first, second) = (try runner.sequence(extent: 130), try runner.sequence(extent: 130))
            let found = try #require(runner.run([(first, ids, reading), (second, ids, .nothing)]))
            let rows: [Int] =
                switch reading {
                case .nothing: []
                case .last: [129]
                case .from(let start): Array(start..<130)
                case .some(let rows): rows
                }
            #expect(found == [rows.map { expected[$0] }, []])
            #expect(runner.bytes(of: first) == runner.bytes(of: whole))
            #expect(runner.bytes(of: second) == runner.bytes(of: whole))
            first.releaseAll(in: runner.pool)
            second.releaseAll(in: runner.pool)
        }
    }

    /// The reference instruction set and the others compute the same products of floats, and nearly the same attention.
    @Test(arguments: ["llama", "bloom", "gemma2"])
    func instructionSetsAgree(name: String) throws {
        var random = SeededGenerator(seed: 4)
        let best = try DecoderRunner(name)
        let ids = best.ids(100, &random)
        let expected = try best.logits(ids, chunks: [ids.count], of: best.sequence(extent: ids.count))
        for kernels in Kernels.available.dropFirst() {
            let runner = try DecoderRunner(name, kernels: kernels)
            let found = try runner.logits(ids, chunks: [40, 1], of: runner.sequence(extent: ids.count))
            let worst = zip(expected.joined(), found.joined()).map { abs($0 - $1) }.max()
            #expect(worst ?? 1 < 2e-5, "\(kernels.name)")
        }
    }
}
