import Foundation
import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// What the decoders of `transformers` compute for the same ids, in float32 and with eager attention.
@Suite struct DecoderGoldenTests {
    static let names: [String] = {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("decoders"))) ?? []
        return all.filter { !$0.hasPrefix(".") }.sorted()
    }()

    /// Those whose tokens see the past alone, without a classifier.
    static let generating = names.filter { !$0.hasSuffix("-sequence") && !$0.hasSuffix("-bidirectional") }

    private static func cases(_ name: String) throws -> [JSONValue] {
        try #require(try Fixtures.json("\(Fixtures.path("decoders/\(name)"))/golden.json")["cases"]?.array)
    }

    private static func integers(_ value: JSONValue?) throws -> [Int] {
        try #require(value?.array).map { try #require($0.integer) }
    }

    private static func check(_ found: [[Float]], _ expected: JSONValue?, _ what: String) throws {
        let document = JSONValue.array(found.map { .array($0.map { .double(Double($0)) }) })
        let difference = document.difference(from: try #require(expected), relative: 0, absolute: 1e-4)
        #expect(difference == nil, "\(what)")
    }

    @Test func thereAreSome() { #expect(Self.names.count >= 31) }

    @Test(arguments: generating)
    func logits(name: String) throws {
        let runner = try DecoderRunner(name, threads: 2)
        for golden in try Self.cases(name) {
            let ids = try Self.integers(golden["input_ids"]).map(Int32.init)
            let rows = try Self.integers(golden["rows"])
            let sequence = try runner.sequence(extent: ids.count)
            let found = try #require(runner.run([(sequence, ids, .some(rows))]))
            #expect(sequence.length == ids.count)
            try Self.check(found[0], golden["logits"], "logits of \(ids.count) tokens")
            sequence.releaseAll(in: runner.pool)
        }
        #expect(runner.pool.free == runner.pool.count)
    }

    /// As models of whole sequences: hidden states of the last token, and what a classifier makes of it, in company.
    @Test(arguments: names)
    func wholeSequences(name: String) throws {
        let checkpoint = try Checkpoint(directory: Fixtures.path("decoders/\(name)"))
        let cases = try Self.cases(name)
        let cpu = makeCPU(threads: 2)
        for readout in [Readout.hiddenStates, .sequenceLogits] {
            guard readout == .hiddenStates || name.hasSuffix("-sequence") else { continue }
            let model = try ModelRegistry.load(
                checkpoint, readouts: [readout], for: LoadTarget(makeTurns(threads: 1)))
            let inputs = try cases.map { golden in
                let ids = try Self.integers(golden["input_ids"]).map(Int32.init)
                return ModelInput(
                    ids: ids, typeIDs: Array(repeating: 0, count: ids.count), reading: readout, of: .sequence)
            }
            let together = model.readouts(of: inputs, on: cpu)
            for (index, golden) in cases.enumerated() {
                try Self.check(
                    together[index], golden[readout == .hiddenStates ? "hidden" : "sequence"],
                    "\(readout) of \(inputs[index].ids.count) tokens")
                #expect(model.readouts(of: [inputs[index]], on: cpu)[0] == together[index])
            }
        }
    }

    /// Logits of two tokens are those of the head that makes all of them, behind the last token, whatever that is.
    @Test(arguments: ["llama", "qwen3", "gemma2", "gpt2", "gpt-neox"])
    func scoresOfTokens(name: String) throws {
        let checkpoint = try Checkpoint(directory: Fixtures.path("decoders/\(name)"))
        let target = LoadTarget(makeTurns(threads: 1))
        let all = try ModelRegistry.load(checkpoint, readouts: [.nextTokenLogits], for: target)
        let some = try ModelRegistry.load(
            checkpoint, readouts: [.sequenceLogits], scoring: TokenScore(yes: 9, no: 5), for: target)
        let one = try ModelRegistry.load(
            checkpoint, readouts: [.sequenceLogits], scoring: TokenScore(yes: 9, no: nil), for: target)
        func logits(_ model: any Model, _ readout: Readout, _ ids: [Int32]) -> [Float] {
            let types = [Int32](repeating: 0, count: ids.count)
            let input = ModelInput(ids: ids, typeIDs: types, reading: readout, of: .sequence)
            return model.readouts(of: [input], on: makeCPU(threads: 1))[0][0]
        }
        for ids in [[5, 7, 9], [11], [4, 8, 0, 0]] as [[Int32]] {
            let whole = logits(all, .nextTokenLogits, ids)
            #expect(logits(some, .sequenceLogits, ids) == [whole[9], whole[5]])
            #expect(logits(one, .sequenceLogits, ids) == [whole[9]])
        }
    }

    /// A classifier reads the last token that is no padding, as upstream: what is behind it changes nothing.
    @Test(arguments: [("llama-sequence", 66), ("gpt2-sequence", 66), ("bloom-sequence", 3)] as [(String, Int32)])
    func paddingEndsASequence(name: String, padding: Int32) throws {
        let model = try ModelRegistry.load(
            try Checkpoint(directory: Fixtures.path("decoders/\(name)")), readouts: [.sequenceLogits],
            for: LoadTarget(makeTurns(threads: 1)))
        func logits(_ ids: [Int32]) -> [[Float]] {
            let types = [Int32](repeating: 0, count: ids.count)
            let input = ModelInput(ids: ids, typeIDs: types, reading: .sequenceLogits, of: .sequence)
            return model.readouts(of: [input], on: makeCPU(threads: 1))[0]
        }
        let plain = logits([5, 7, 9])
        #expect(logits([5, 7, 9, padding]) == plain && logits([5, 7, 9, padding, padding]) == plain)
        #expect(logits([5, padding, 7, 9, padding]) == logits([5, padding, 7, 9]))
        #expect(logits([padding, padding]) == logits([padding]))
        #expect(logits([5, 7, 9, 11]) != plain)
        #expect(model.sequenceRow(of: [5, 7, padding], for: .hiddenStates) == 2)
    }

    /// Hidden states of tokens that see those behind them, on any number of threads, alone and in company that does not
    /// fit into a group with them.
    @Test(arguments: names.filter { $0.hasSuffix("-bidirectional") })
    func tokensThatSeeAll(name: String) throws {
        let cases = try Self.cases(name)
        let model = try ModelRegistry.load(
            try Checkpoint(directory: Fixtures.path("decoders/\(name)")), readouts: [.hiddenStates],
            for: LoadTarget(makeTurns(threads: 1)))
        let inputs = try cases.map { golden in
            let ids = try Self.integers(golden["input_ids"]).map(Int32.init)
            return ModelInput(
                ids: ids, typeIDs: Array(repeating: 0, count: ids.count), reading: .hiddenStates,
                of: .someTokens(try Self.integers(golden["rows"])))
        }
        let alone = inputs.map { model.readouts(of: [$0], on: makeCPU(threads: 1))[0] }
        for (golden, found) in zip(cases, alone) {
            try Self.check(found, golden["states"], "hidden states of \(found.count) tokens")
        }
        for threads in 1...3 {
            let cpu = makeCPU(threads: threads)
            #expect(model.readouts(of: inputs, on: cpu) == alone)
            #expect(model.readouts(of: inputs.reversed() + inputs, on: cpu) == alone.reversed() + alone)
        }
    }

    @Test(arguments: names.filter { $0.contains("-bidirectional") })
    func tokensThatSeeAllAreNotGenerated(name: String) throws {
        let checkpoint = try Checkpoint(directory: Fixtures.path("decoders/\(name)"))
        let error = #expect(throws: CheckpointError.self) {
            try ModelRegistry.loadDecoder(checkpoint, for: LoadTarget(makeTurns(threads: 1)))
        }
        #expect(error?.code == .missingTensor && error?.message.contains("behind") == true)
    }

    @Test func noHeadForMasks() throws {
        let checkpoint = try Checkpoint(directory: Fixtures.path("decoders/llama"))
        let error = #expect(throws: CheckpointError.self) {
            try ModelRegistry.load(checkpoint, readouts: [.vocabularyLogits], for: LoadTarget(makeTurns(threads: 1)))
        }
        #expect(error?.code == .missingTensor)
        let heads = try ModelRegistry.heads(of: checkpoint, in: makeTurns(threads: 1))
        #expect((try? heads[.vocabularyLogits]?.get()) == nil)
    }
}
