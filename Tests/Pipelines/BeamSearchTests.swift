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

        init(_ entry: JSONValue, _ tables: [Table]) throws {
            table = tables[try #require(entry["table"]?.integer)]
            prompt = try SamplingFixtures.ids(entry["prompt"])
            settings = try SamplingFixtures.settings(entry["parameters"], vocabularySize: table.vocabularySize)
            answers = try #require(entry["answers"]?.array).map { try SamplingFixtures.ids($0) }
            scores = entry["scores"] == .null ? nil : try SamplingFixtures.scores(entry["scores"])
        }

        static func all() throws -> [Search] {
            let document = try SamplingFixtures().document
            let tables = try #require(document["tables"]?.array).map { try Table($0) }
            return try #require(document["searches"]?.array).map { try Search($0, tables) }
        }
    }

    /// The answers of a search, and how many steps it took.
    private static func answers(_ search: Search, seed: UInt64 = 0) throws -> [BeamAnswer] {
        var beams = BeamSearch(search.settings, prompt: search.prompt, seed: seed)
        while !beams.isDone {
            let before = beams.beams
            var rows = try before.map { try search.table.row(after: $0) }
            let pointers = rows.indices.map { index in
                let pointer = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows[index].count)
                _ = pointer.update(fromContentsOf: rows[index])
                return pointer
            }
            rows = []
            defer { for pointer in pointers { pointer.deallocate() } }
            let next = try beams.step(pointers)
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
