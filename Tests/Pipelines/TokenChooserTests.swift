import Foundation
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct TokenChooserTests {
    /// Many tokens that are about as likely are drawn from where they are: the same as with a filter behind that leaves
    /// all.
    @Test(arguments: [0.9, 0.999], [1, 0.7]) func topPAloneDrawsTheSame(topP: Double, temperature: Double)
        throws
    {
        var random = SeededGenerator(seed: 4)
        // The scores of few, many and all tokens are near to the greatest; some equal each other, and some are forbidden.
        let rows: [[Float]] = [(0.0, 0), (0.5, 0), (1, 0), (2, 0), (4, 0), (1, 0.25), (1, -1)].map { spread, step in
            (0..<2003).map { index in
                let score =
                    Float(spread)
                    * (0..<6).reduce(Float(-3)) { sum, _ in sum + Float.random(in: 0...1, using: &random) }
                if step < 0 { return index % 40 == 0 ? -.infinity : score }
                return step > 0 ? (score / Float(step)).rounded() * Float(step) : score
            }
        }
        for row in rows {
            var options = GenerationOptions()
            (options.topP, options.topK, options.temperature, options.doSample) = (topP, 0, temperature, true)
            let alone = try GenerationSettings(options, vocabularySize: row.count)
            options.epsilonCutoff = 1e-30
            let filtered = try GenerationSettings(options, vocabularySize: row.count)
            var choosers = [alone, filtered].map { TokenChooser($0, prompt: [1], choice: 0, seed: 9) }
            for _ in 0..<5 { #expect(try choosers[0].choose(by: row).id == choosers[1].choose(by: row).id) }
            var processed = [row, row]
            for index in 0..<2 {
                try processed[index].withUnsafeMutableBufferPointer { try choosers[index].process($0) }
            }
            #expect(processed[0] == processed[1])
        }
    }

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

    /// Scores of a vocabulary, normally distributed or nearly so.
    private static func scores(_ count: Int, seed: UInt64, scale: Float = 2) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &random) } * scale
        }
    }

    /// The probabilities that settings leave of scores.
    private static func probabilities(_ scores: [Float], _ settings: GenerationSettings) throws -> [Double] {
        var scores = scores
        var chooser = TokenChooser(settings, prompt: [], choice: 0, seed: 0)
        try scores.withUnsafeMutableBufferPointer { try chooser.process($0) }
        let powers = scores.map { exp(Double($0)) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    @Test(arguments: [0, 1, 2]) func tokensAreDrawnByTheirProbabilities(_ kind: Int) throws {
        var settings = GenerationSettings()
        settings.doSample = true
        settings.topK = [5, 0, 0][kind]
        settings.topP = [1, 0.8, 1][kind]
        let scores = Self.scores(37, seed: 3)
        let probabilities = try Self.probabilities(scores, settings)
        let draws = 4000
        var counts = [Int](repeating: 0, count: scores.count)
        for choice in 0..<draws {
            var chooser = TokenChooser(settings, prompt: [1, 2], choice: choice, seed: 11)
            counts[Int(try chooser.choose(by: scores).id)] += 1
        }
        // Pearson's statistic; the seed is fixed, so that this holds or it does not.
        var statistic = 0.0
        for (count, probability) in zip(counts, probabilities) {
            let expected = probability * Double(draws)
            if probability == 0 {
                #expect(count == 0)
            } else {
                statistic += pow(Double(count) - expected, 2) / expected
            }
        }
        #expect(statistic < 2.5 * Double(probabilities.count))
    }

    @Test func aChoiceDependsOnSeedNumberAndPlaceAlone() throws {
        var settings = GenerationSettings()
        settings.doSample = true
        let scores = (0..<30).map { Self.scores(500, seed: $0, scale: 0.5) }
        func answer(seed: UInt64, choice: Int) throws -> [Int32] {
            var chooser = TokenChooser(settings, prompt: [1, 2, 3], choice: choice, seed: seed)
            return try scores.map { try chooser.choose(by: $0).id }
        }
        let first = try answer(seed: 5, choice: 0)
        #expect(try answer(seed: 5, choice: 0) == first)
        #expect(try answer(seed: 5, choice: 1) != first)
        #expect(try answer(seed: 6, choice: 0) != first)
        // An answer that is taken up again goes on as if it had never been left.
        var resumed = TokenChooser(settings, prompt: [1, 2, 3], answer: Array(first[..<20]), choice: 0, seed: 5)
        #expect(try scores[20...].map { try resumed.choose(by: $0).id } == Array(first[20...]))
        #expect(resumed.tokens == [1, 2, 3] + first)
    }

    @Test func probabilitiesAreThoseOfTheModelAlone() throws {
        var settings = GenerationSettings()
        settings.repetitionPenalty = 20
        settings.suppressTokens = [4]
        settings.logprobs = 3
        var scores = Self.scores(301, seed: 8)
        scores[4] = 20
        scores[5] = 19
        let sum = scores.reduce(0) { $0 + exp(Double($1)) }
        var chooser = TokenChooser(settings, prompt: [5], choice: 0, seed: 0)
        let chosen = try chooser.choose(by: scores)
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        #expect(chosen.id != 4 && chosen.id != 5 && Int(chosen.id) == order[2])
        #expect(chosen.top.map(\.id) == order.prefix(3).map { Int32($0) })
        for token in chosen.top + [TokenLogprob(id: chosen.id, logprob: try #require(chosen.logprob))] {
            let expected = Double(scores[Int(token.id)]) - log(sum)
            #expect(abs(Double(token.logprob) - expected) < 2e-6 * max(1, abs(expected)))
        }
        settings.logprobs = nil
        var silent = TokenChooser(settings, prompt: [5], choice: 0, seed: 0)
        #expect(try silent.choose(by: scores) == ChosenToken(id: chosen.id))
    }

    @Test func penaltiesOfGeneratedTokensCountThem() throws {
        var settings = GenerationSettings()
        settings.presencePenalty = 0.5
        settings.frequencyPenalty = 0.25
        settings.logitBias = [2: 4, 3: -1]
        var scores: [Float] = [1, 1, 1, 1, 1]
        var chooser = TokenChooser(settings, prompt: [0, 1], answer: [3, 4, 3], choice: 0, seed: 0)
        try scores.withUnsafeMutableBufferPointer { try chooser.process($0) }
        #expect(scores == [1, 1, 5, -1, 0.25])
    }

    /// A thought ends with its mark when it has the tokens that it may have, and nothing else does.
    @Test(
        arguments: [
            (5, [5], nil, [1, 1, 6, 1, 1]), (5, [0, 5], nil, [1, 1, 6, 1]), (nil, [], nil, [1, 1, 6, 1, 1, 1]),
            // The model ends it before that, or does not think.
            (5, [5, 1, 6], nil, [1, 1, 1]), (5, [], nil, [1, 1, 1, 1]), (5, [0, 0, 0, 0, 0, 5], nil, [1, 1, 1]),
            // However unlikely the mark is.
            (nil, [], -100.0, [1, 1, 6, 1]),
        ] as [(Int32?, [Int32], Double?, [Int32])])
    func thoughtsEndAtTheirBudget(opener: Int32?, answer: [Int32], bias: Double?, expected: [Int32]) throws {
        for doSample in [false, true] {
            var settings = GenerationSettings()
            settings.doSample = doSample
            settings.logitBias = bias.map { [6: $0] } ?? [:]
            settings.thoughtBudget = ThoughtBudget(tokens: 2, ThoughtMarks(opener: opener, closer: 6))
            var chooser = TokenChooser(settings, prompt: [3], answer: answer, choice: 0, seed: 0)
            // Any other token is so unlikely that it is never drawn.
            let scores: [Float] = [0, 200, 0, 0, 0, 0, 0, 0]
            for id in expected { #expect(try chooser.choose(by: scores).id == id) }
        }
    }

    @Test func ofEqualScoresTheFirstCounts() throws {
        var chooser = TokenChooser(GenerationSettings(), prompt: [], choice: 0, seed: 0)
        #expect(try chooser.choose(by: [Float](repeating: 2, count: 100)).id == 0)
        #expect(try chooser.choose(by: [1] + [Float](repeating: 2, count: 40)).id == 1)
    }

    @Test func brokenScoresAreAnError() throws {
        for broken in [Float.nan, .infinity] {
            for place in [0, 20, 32] {
                var scores = [Float](repeating: 0, count: 33)
                scores[place] = broken
                var chooser = TokenChooser(GenerationSettings(), prompt: [], choice: 0, seed: 0)
                let error = #expect(throws: PipelineError.self) { try chooser.choose(by: scores) }
                #expect(error?.code == .nonFiniteOutput)
            }
        }
        var empty = TokenChooser(GenerationSettings(), prompt: [], choice: 0, seed: 0)
        #expect(throws: PipelineError.self) { try empty.choose(by: []) }
    }

    @Test func settingsThatForbidEverythingAreAnError() throws {
        var settings = GenerationSettings()
        settings.suppressTokens = [0, 1, 2]
        var chooser = TokenChooser(settings, prompt: [1], choice: 0, seed: 0)
        let error = #expect(throws: PipelineError.self) { try chooser.choose(by: [1, 2, 3]) }
        #expect(error?.code == .invalidParameter)
    }

    @Test func tokensOutsideOfTheVocabularyAreLeftAlone() throws {
        var settings = GenerationSettings()
        settings.suppressTokens = [-5, 99, .max]
        settings.repetitionPenalty = 2
        settings.noRepeatNgramSize = 1
        var chooser = TokenChooser(settings, prompt: [-1, 77, .max, .min], choice: 0, seed: 0)
        #expect(try chooser.choose(by: [1, 2, 3]).id == 2)
    }
}
