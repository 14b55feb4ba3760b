import Penstock
import PenstockTestSupport
import Testing

/// The library as the README shows it.
@Suite struct LibraryTests {
    @Test func pipelinesAreCalledOnOneListsAndSequences() async throws {
        let pipeline = try await FillMaskPipeline(directory: Fixtures.checkpoint("bert-tiny"), serving: .patient())
        let candidates = try await pipeline("test [MASK]")
        #expect(candidates.count == 1 && candidates[0].count == 5)
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        for line in ["test [MASK]", "a [MASK]"] { continuation.yield(line) }
        continuation.finish()
        var first: [String] = []
        for try await candidates in pipeline(lines) { first.append(candidates[0][0].tokenText) }
        #expect(first.count == 2 && first[0] == candidates[0][0].tokenText)
    }

    @Test func labelsAreTyped() async throws {
        let classifier = try await TextClassificationPipeline(
            directory: Fixtures.checkpoint("bert-sequence"), serving: .patient())
        let labels = try await classifier(["the cat", TextClassification.Input("a cat", pair: "a dog")])
        #expect(labels.map(\.count) == [1, 1])
        let tagger = try await TokenClassificationPipeline(
            directory: Fixtures.checkpoint("bert-tokens"), serving: .patient())
        var options = TokenClassification.Options()
        options.ignoredLabels = []
        #expect(try await tagger("the cat", options).isEmpty == false)
    }

    @Test func aDirectoryThatIsNoneIsAnError() async {
        await #expect(throws: (any Error).self) { try await FillMaskPipeline(directory: "/nowhere") }
    }
}
