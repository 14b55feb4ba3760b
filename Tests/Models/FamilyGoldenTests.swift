import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// What the models of `transformers` compute for the same ids, in float32 and with eager attention.
@Suite struct FamilyGoldenTests {
    /// A sequence, and what the reference has for some of its rows.
    private struct Golden {
        let ids: [Int32]
        let typeIDs: [Int32]
        let rows: [Int]
        let outputs: [(readout: Readout, rows: JSONValue)]
    }

    private static let readouts: KeyValuePairs<String, Readout> = [
        "hidden": .hiddenStates, "pooled": .pooled, "vocabulary": .vocabularyLogits, "sequence": .sequenceLogits,
        "token": .tokenLogits,
    ]

    private static func goldens(of checkpoint: String) throws -> [Golden] {
        let document = try Fixtures.json("\(Fixtures.checkpoint(checkpoint))/golden.json")
        let cases = try #require(document["cases"]?.array).filter { $0["task"]?.string == "measured" }
        return try cases.map { golden in
            Golden(
                ids: try integers(golden["input_ids"]).map(Int32.init),
                typeIDs: try integers(golden["token_type_ids"]).map(Int32.init), rows: try integers(golden["rows"]),
                outputs: readouts.compactMap { name, readout in golden[name].map { (readout, $0) } })
        }
    }

    private static func integers(_ value: JSONValue?) throws -> [Int] {
        try #require(value?.array).map { try #require($0.integer) }
    }

    /// The checkpoints with such goldens.
    private static let checkpoints: [String] = {
        let names = (try? Fixtures.checkpoints()) ?? []
        return names.filter { ((try? goldens(of: $0)) ?? []).isEmpty == false }
    }()

    @Test func thereAreSome() {
        #expect(Self.checkpoints.count >= 8)
    }

    /// Alone, and in a batch with all others.
    @Test(arguments: checkpoints)
    func likeTheReference(checkpoint: String) throws {
        let goldens = try Self.goldens(of: checkpoint)
        let readouts = Set(goldens.flatMap { $0.outputs.map(\.readout) })
        #expect(readouts.contains(.hiddenStates) && goldens.count >= 3)
        let cpu = makeCPU(threads: 2)
        for readout in readouts {
            let model = try load(Fixtures.checkpoint(checkpoint), readout)
            var inputs: [ModelInput] = []
            var expected: [JSONValue] = []
            for golden in goldens {
                guard let output = golden.outputs.first(where: { $0.readout == readout }) else { continue }
                inputs.append(
                    ModelInput(
                        ids: golden.ids, typeIDs: golden.typeIDs, reading: readout,
                        of: readout.isOfSequences ? .sequence : .someTokens(golden.rows)))
                expected.append(output.rows)
            }
            #expect(inputs.contains { $0.ids.count == model.limits.tokens }, "the longest sequence is among them")
            let together = model.readouts(of: inputs, on: cpu)
            for (index, input) in inputs.enumerated() {
                let alone = model.readouts(of: [input], on: cpu)
                #expect(alone[0] == together[index])
                let found = JSONValue.array(alone[0].map { .array($0.map { .double(Double($0)) }) })
                let difference = found.difference(from: expected[index], relative: 0, absolute: 1e-4)
                #expect(difference == nil, "\(readout) of \(input.ids.count) tokens")
            }
        }
    }
}
