import Foundation
import PenstockPipelines
import PenstockTestSupport
import Testing

/// How likely tokens of prompts are by rows of scores.
@Suite struct PromptScorerTests {
    private static func score(_ id: Int, by scores: [Float], likeliest: Int) throws -> ChosenToken {
        var (scores, scorer) = (scores, PromptScorer(likeliest: likeliest))
        return try scores.withUnsafeMutableBufferPointer { try scorer.score(Int32(id), by: $0) }
    }

    /// Of each token of rows of all lengths: its probability, its rank and the likeliest, equal ones by their ids.
    @Test(arguments: [1, 2, 15, 16, 17, 33, 300])
    func tokensStandWhereSortingPutsThem(count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        // Some scores equal each other.
        let scores = (0..<count).map { _ in (Float.random(in: -9...9, using: &random) * 4).rounded() / 4 }
        let sum = scores.reduce(0) { $0 + exp(Double($1)) }
        let order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
        for id in scores.indices {
            let found = try Self.score(id, by: scores, likeliest: 5)
            #expect(Int(found.id) == id && found.rank == (order.firstIndex(of: id) ?? -1) + 1)
            #expect(found.top.map { Int($0.id) } == Array(order.prefix(5)))
            let expected = Double(scores[id]) - log(sum)
            #expect(abs(Double(try #require(found.logprob)) - expected) < 2e-6 * max(1, abs(expected)))
        }
    }

    /// A token is as likely in a prompt as it is when it is chosen, to the bit.
    @Test func chosenTokensAreAsLikely() throws {
        var random = SeededGenerator(seed: 7)
        var settings = GenerationSettings()
        (settings.logprobs, settings.doSample, settings.topK) = (4, true, 0)
        for seed in 0..<20 as Range<UInt64> {
            let scores = (0..<517).map { _ in Float.random(in: -3...3, using: &random) }
            var (copy, chooser) = (scores, TokenChooser(settings, prompt: [1], choice: 0, seed: seed))
            let chosen = try copy.withUnsafeMutableBufferPointer { try chooser.choose($0) }
            let found = try Self.score(Int(chosen.id), by: scores, likeliest: 4)
            #expect(found.logprob == chosen.logprob && found.top == chosen.top)
        }
    }

    @Test func whatIsImpossibleHasNoProbability() throws {
        let found = try Self.score(1, by: [2, -.infinity, 1], likeliest: 0)
        #expect(found.logprob == -.infinity && found.rank == 3 && found.top.isEmpty)
    }

    @Test(arguments: [Float.nan, .infinity]) func whatIsNoNumberIsAnError(score: Float) {
        #expect(throws: PipelineError.self) { try Self.score(0, by: [1, score, 2], likeliest: 1) }
    }
}
