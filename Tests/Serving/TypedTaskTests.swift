import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// What Swift programs ask of tasks, and what comes back.
@Suite struct TypedTaskTests {
    private static func load<Task: LibraryTask>(_: Task.Type, _ checkpoint: String) async throws -> Pipeline<Task> {
        try await Pipeline(directory: Fixtures.checkpoint(checkpoint), serving: .patient())
    }

    @Test func textsAreRanked() async throws {
        let pipeline = try await Self.load(TextRanking.self, "ranking-roberta")
        let texts = ["The cat sat on the mat.", "it is good", "the cat", "it is good"]
        let all = try await pipeline(TextRanking.Input(query: "Is it good?", texts: texts))
        #expect(all.map(\.index).sorted() == [0, 1, 2, 3] && all.allSatisfy { $0.text == nil })
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.score >= $1.score })
        // The same text has the same score, and the first of them comes first.
        let (first, second) = try (
            #require(all.firstIndex { $0.index == 1 }), #require(all.firstIndex { $0.index == 3 })
        )
        #expect(first + 1 == second && all[first].score == all[second].score)

        var options = TextRanking.Options()
        options.topK = 2
        options.function = .sigmoid
        options.returnsDocuments = true
        let best = try await pipeline(TextRanking.Input(query: "Is it good?", texts: texts), options)
        #expect(best.map(\.index) == all.prefix(2).map(\.index) && best.allSatisfy { $0.text == texts[$0.index] })
        #expect(best.allSatisfy { 0 < $0.score && $0.score < 1 })
        for topK in [0, -1] {
            options.topK = topK
            let error = await #expect(throws: PipelineError.self) {
                try await pipeline(TextRanking.Input(query: "a", texts: texts), options)
            }
            #expect(error?.code == .invalidParameter && error?.message.contains("top_k") == true)
        }
        await #expect(throws: PipelineError.self) { try await pipeline(TextRanking.Input(query: "a", texts: [])) }
    }

    @Test func labelsAreChosen() async throws {
        let pipeline = try await Self.load(ZeroShotClassification.self, "zero-shot-bert")
        var options = ZeroShotClassification.Options(candidateLabels: ["animals", "politics", "animals"])
        let together = try await pipeline(["The cat sat on the mat.", "it isn't wine"], options)
        #expect(together.map(\.sequence) == ["The cat sat on the mat.", "it isn't wine"])
        for (text, output) in zip(together.map(\.sequence), together) {
            let alone = try await pipeline(text, options)
            #expect(alone.labels.map(\.label) == output.labels.map(\.label))
            #expect(alone.labels.map(\.score) == output.labels.map(\.score))
            // The same label has the same score.
            let scores = output.labels.filter { $0.label == "animals" }.map(\.score)
            #expect(scores.count == 2 && scores[0] == scores[1])
        }
        options.multiLabel = true
        let each = try await pipeline("The cat sat on the mat.", options).labels
        var alone = ZeroShotClassification.Options(candidateLabels: ["politics"])
        alone.hypothesisTemplate = "This example is {0}."
        let one = try await pipeline("The cat sat on the mat.", alone).labels
        #expect(one.map(\.score) == each.filter { $0.label == "politics" }.map(\.score))
        await #expect(throws: PipelineError.self) { try await pipeline("a", ZeroShotClassification.Options()) }
    }

    @Test func questionsAreAnswered() async throws {
        let pipeline = try await Self.load(QuestionAnswering.self, "span-bert")
        let context = "Café 🙂 the small cat, which never sat on a mat before, ran to Paris with the happy dogs"
        let scalars = Array(context.unicodeScalars)
        var options = QuestionAnswering.Options()
        options.topK = 5
        options.handleImpossibleAnswer = true
        let answers = try await pipeline(QuestionAnswering.Input(question: "Is it good?", context: context), options)
        #expect(answers.count == 5 && zip(answers, answers.dropFirst()).allSatisfy { $0.score >= $1.score })
        for answer in answers {
            #expect(answer.answer == String(String.UnicodeScalarView(scalars[answer.range])))
        }
        // The longer question is cut to the shorter one.
        options.maxQuestionLen = 2
        let short = try await pipeline(QuestionAnswering.Input(question: "the cat", context: context), options)
        let cut = try await pipeline(QuestionAnswering.Input(question: "the cat sat on", context: context), options)
        #expect(short.map(\.range) == cut.map(\.range) && short.map(\.score) == cut.map(\.score))
        // A context without tokens has no answer.
        #expect(try await pipeline(QuestionAnswering.Input(question: "a", context: " \n")).isEmpty)
        options.maxAnswerLen = 0
        await #expect(throws: PipelineError.self) {
            try await pipeline(QuestionAnswering.Input(question: "a", context: "b"), options)
        }
    }
}
