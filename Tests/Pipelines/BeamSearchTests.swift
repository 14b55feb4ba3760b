import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct BeamSearchTests {
    /// The scores of the next token by the length of a text and its last token.
    private struct Table {
        let scores: [[[Float]]]

        init(_ value: JSONValue?) throws {
            scores = try #require(value?.array).map {
                try #require($0.array).map { try SamplingFixtures.scores($0) }
            }
        }

        var vocabularySize: Int { scores[0].count }

        func row(after tokens: [Int32]) throws -> [Float] {
            scores[tokens.count % 3][Int(try #require(tokens.last))]
        }
    }

    private struct Search {
        let table: Table
        let prompt: [Int32]
        let settings: GenerationSettings
        let answers: [[Int32]]
        let scores: [Float]?

        static func all() throws -> [Search] {
            let document = try SamplingFixtures().document
            let tables = try #require(document["tables"]?.array).map { try Table($0) }
            return try #require(document["searches"]?.array).map { entry in
                let table = tables[try #require(entry["table"]?.integer)]
                return Search(
                    table: table, prompt: try SamplingFixtures.ids(entry["prompt"]),
                    settings: try SamplingFixtures.settings(entry["parameters"], vocabularySize: table.vocabularySize),
                    answers: try #require(entry["answers"]?.array).map { try SamplingFixtures.ids($0) },
                    scores: entry["scores"] == .null ? nil : try SamplingFixtures.scores(entry["scores"]))
            }
        }
    }

    private static func answers(_ search: Search, seed: UInt64 = 0, limit: Int = .max) throws -> [BeamAnswer] {
        var beams = BeamSearch(search.settings, prompt: search.prompt, seed: seed, limit: limit)
        var finder = beams.finder
        while !beams.isDone {
            let before = beams.beams
            let candidates = try before.indices.map { beam in
                var row = try search.table.row(after: before[beam])
                return try row.withUnsafeMutableBufferPointer { try beams.candidates($0, of: beam, by: &finder) }
            }
            let next = try beams.step(candidates)
            #expect(beams.isDone || beams.beams == next.map { before[$0.parent] + [$0.token] })
        }
        return beams.answers
    }

    @Test func answersAndScoresAreThoseOfTheReference() throws {
        let searches = try Search.all().filter { $0.settings.numBeams > 1 }
        #expect(searches.count > 100)
        for search in searches {
            let answers = try Self.answers(search)
            #expect(answers.map(\.tokens) == search.answers, "\(search.settings)")
            for (answer, score) in zip(answers, try #require(search.scores)) {
                #expect(abs(answer.score - score) <= 1e-5 * max(1, abs(score)), "\(search.settings)")
            }
        }
    }

    @Test func drawnBeamsDependOnTheSeedAlone() throws {
        let search = try #require(try Search.all().first { $0.settings.numBeams == 3 })
        var settings = search.settings
        settings.doSample = true
        settings.eosTokenIds = []
        let drawn = Search(table: search.table, prompt: search.prompt, settings: settings, answers: [], scores: nil)
        let answers = try (0..<20).map { try Self.answers(drawn, seed: $0) }
        #expect(try Self.answers(drawn, seed: 7) == answers[7])
        #expect(Set(answers.map { $0[0].tokens }).count > 5)
        // Without replacement, no two beams are the same.
        for found in answers { #expect(Set(found.map(\.tokens)).count == found.count && found.count == 3) }
    }

    /// Each step looks at some candidates for each beam and end token.
    @Test func beamsAndEndTokensAreBounded() throws {
        func settings(_ beams: Int, ends: Int) throws -> GenerationSettings {
            var options = GenerationOptions()
            (options.numBeams, options.doSample) = (beams, false)
            options.eosTokenId = Array(0..<Int32(ends))
            return try GenerationSettings(options, vocabularySize: 200)
        }
        for (beams, ends) in [(64, 15), (10, 100), (1, 100)] { _ = try settings(beams, ends: ends) }
        let error = #expect(throws: PipelineError.self) { try settings(64, ends: 16) }
        #expect(error?.code == .invalidParameter)
        for part in ["64", "16", "1088", "1024"] { #expect(error?.message.contains(part) == true) }
    }

    /// Infinite scores, and parameters that forbid all tokens, are the same error with beams as without.
    @Test(arguments: [1, 3])
    func scoresThatAreNotFiniteAreRefused(beams: Int) throws {
        for isInfinite in [true, false] {
            var options = GenerationOptions()
            (options.numBeams, options.doSample, options.maxNewTokens) = (beams, false, 3)
            if isInfinite {
                options.sequenceBias = [SequenceBias(tokens: [1], bias: 1e308)]
            } else {
                options.suppressTokens = [0, 1, 2, 3]
            }
            let settings = try GenerationSettings(options, vocabularySize: 4)
            var row: [Float] = [1, 2, 3, 4]
            let error = #expect(throws: PipelineError.self) {
                try row.withUnsafeMutableBufferPointer { row in
                    guard beams > 1 else {
                        var chooser = TokenChooser(settings, prompt: [2], choice: 0, seed: 0)
                        _ = try chooser.choose(row)
                        return
                    }
                    var search = BeamSearch(settings, prompt: [2], seed: 0)
                    var finder = search.finder
                    _ = try search.step([search.candidates(row, of: 0, by: &finder)])
                }
            }
            #expect(error?.code == .invalidParameter)
            #expect(error?.message.contains(isInfinite ? "infinite" : "forbid every token") == true)
        }
    }

    @Test func aSearchEndsAtTheContext() throws {
        let search = try #require(try Search.all().first { $0.settings.numBeams == 4 && $0.settings.eosTokenIds == [] })
        let answers = try Self.answers(search, limit: 6)
        #expect(answers.map(\.tokens.count) == [4, 4, 4, 4] && answers.allSatisfy { $0.finishReason == .length })
    }

    @Test func greedyAnswersAreThoseOfTheReference() throws {
        let searches = try Search.all().filter { $0.settings.numBeams == 1 }
        #expect(searches.count > 10)
        for search in searches {
            var chooser = TokenChooser(search.settings, prompt: search.prompt, choice: 0, seed: 0)
            var stop = StopConditions(search.settings, promptLength: search.prompt.count, limit: .max)
            var answer: [Int32] = []
            repeat {
                answer.append(try chooser.choose(by: search.table.row(after: search.prompt + answer)).id)
            } while stop.finished(by: answer[answer.count - 1], text: nil) == nil
            #expect([answer] == search.answers, "\(search.settings)")
        }
    }
}
