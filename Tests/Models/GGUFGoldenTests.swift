import Foundation
import PenstockCheckpoints
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// Decoders in GGUF files: what `transformers` computes with the model that a file was made of or, where it is packed, with
/// the numbers that blocks stand for.
@Suite struct GGUFGoldenTests {
    static let names: [String] = {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("gguf"))) ?? []
        return all.filter { !$0.contains(".") }.sorted()
    }()

    @Test func thereAreSome() { #expect(Self.names.count >= 17) }

    @Test(arguments: names)
    func logits(name: String) throws {
        let folder = Fixtures.path("gguf/\(name)")
        let checkpoint = try Checkpoint(directory: folder)
        let model = try ModelRegistry.loadDecoder(checkpoint, for: LoadTarget(makeTurns(threads: 1)))
        let runner = try DecoderRunner(model)
        for golden in try #require(try Fixtures.json("\(folder)/golden.json")["cases"]?.array) {
            let ids = try #require(golden["input_ids"]?.array).map { Int32(try #require($0.integer)) }
            let rows = try #require(golden["rows"]?.array).map { try #require($0.integer) }
            let sequence = try runner.sequence(extent: ids.count)
            let found = try #require(runner.run([(sequence, ids, .some(rows))]))
            let document = JSONValue.array(found[0].map { .array($0.map { .double(Double($0)) }) })
            let difference = document.difference(
                from: try #require(golden["logits"]), relative: 0, absolute: 1e-4)
            #expect(difference == nil, "\(ids.count) tokens")
            sequence.releaseAll(in: runner.pool)
        }
    }
}
