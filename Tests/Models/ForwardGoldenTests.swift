import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// What `BertModel` of `transformers` computes for the same ids.
@Suite struct ForwardGoldenTests {
    @Test(arguments: ["bert-encoder", "bert-old-encoder"])
    func hiddenStatesAndPooled(checkpoint: String) throws {
        let directory = Fixtures.checkpoint(checkpoint)
        let cases = try #require(try Fixtures.json("\(directory)/golden.json")["cases"]?.array)
            .filter { $0["task"]?.string == "forward" }
        #expect(cases.count >= 2)
        let cpu = makeCPU(threads: 2)
        let (hidden, pooled) = (try load(directory, .hiddenStates), try load(directory, .pooled))
        for golden in cases {
            let ids = try Self.ids(golden["input_ids"])
            let typeIDs = try Self.ids(golden["token_type_ids"])
            let states = hidden.readouts(of: [ModelInput(ids: ids, typeIDs: typeIDs, reading: .hiddenStates)], on: cpu)
            try Self.check(states, golden["last_hidden_state"].map { .array([$0]) })
            let input = ModelInput(ids: ids, typeIDs: typeIDs, reading: .pooled, of: .sequence)
            let first = pooled.readouts(of: [input], on: cpu)
            try Self.check(first, golden["pooler_output"].map { .array([.array([$0])]) })
        }
    }

    private static func ids(_ value: JSONValue?) throws -> [Int32] {
        try #require(value?.array).map { Int32(try #require($0.integer)) }
    }

    private static func check(_ found: [[[Float]]], _ expected: JSONValue?) throws {
        let document = JSONValue.array(
            found.map { .array($0.map { .array($0.map { .double(Double($0)) }) }) })
        #expect(document.difference(from: try #require(expected), relative: 0, absolute: 1e-5) == nil)
    }
}
