import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct TokenChooserTests {
    @Test func scoresAreThoseThatTheReferenceChoosesBy() throws {
        let fixtures = try SamplingFixtures()
        let cases = try #require(fixtures.document["processors"]?.array)
        #expect(cases.count > 150)
        for entry in cases {
            var scores = try SamplingFixtures.scores(
                fixtures.document["scores"]?[try #require(entry["scores"]?.string)])
            let settings = try SamplingFixtures.settings(entry["parameters"], vocabularySize: scores.count)
            let answer = try SamplingFixtures.ids(entry["answer"])
            var chooser = TokenChooser(
                settings, prompt: try SamplingFixtures.ids(entry["prompt"]), answer: answer, choice: 0, seed: 0)
            try scores.withUnsafeMutableBufferPointer { try chooser.process($0) }
            var expected = try SamplingFixtures.scores(entry["processed"])
            // Which of equal tokens remain is arbitrary in the reference, but not how many.
            if entry["scores"]?.string == "tied" {
                scores.sort()
                expected.sort()
            }
            for (id, pair) in zip(scores, expected).enumerated() {
                let isClose = pair.0 == pair.1 || abs(pair.0 - pair.1) <= 1e-6 * max(1, abs(pair.1))
                #expect(isClose, "token \(id) has \(pair.0), not \(pair.1): \(entry["parameters"] ?? .null)")
            }
        }
    }
}
