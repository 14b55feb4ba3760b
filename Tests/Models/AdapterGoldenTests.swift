import PenstockCheckpoints
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// What models with adapters of `peft` compute, merged or not.
@Suite struct AdapterGoldenTests {
    @Test(
        arguments: [
            ("lora-features", "checkpoints/bert-encoder"), ("lora-sequence", "checkpoints/bert-tiny"),
            ("lora-masked", "checkpoints/bert-f16"), ("lora-transposed", "decoders/gpt2"),
        ])
    func hiddenStates(adapter: String, base: String) throws {
        let folder = Fixtures.path("adapters/\(adapter)")
        let golden = try #require(try Fixtures.json("\(folder)/golden.json")["cases"]?.array?.first)
        let ids = try #require(golden["input_ids"]?.array).map { Int32(try #require($0.integer)) }
        let expected = try #require(golden["last_hidden_state"]?.array)
        // Of a decoder the last token stands for a sequence.
        let isDecoder = base.hasPrefix("decoders")
        let model = try ModelRegistry.load(
            Checkpoint(directory: folder, base: Fixtures.path(base)), readouts: [.hiddenStates],
            for: LoadTarget(makeTurns(threads: 2)))
        let input = ModelInput(
            ids: ids, typeIDs: Array(repeating: 0, count: ids.count), reading: .hiddenStates,
            of: isDecoder ? .sequence : .someTokens(Array(ids.indices)))
        let found = model.readouts(of: [input], on: makeCPU(threads: 2))[0]
        let document = JSONValue.array(found.map { .array($0.map { .double(Double($0)) }) })
        let difference = document.difference(
            from: .array(isDecoder ? expected.suffix(1) : expected), relative: 1e-5, absolute: 1e-5)
        #expect(difference == nil)
    }
}
