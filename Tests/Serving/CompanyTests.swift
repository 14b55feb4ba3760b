import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// A request gets bitwise the same answer in any company.
@Suite struct CompanyTests {
    @Test(arguments: [
        ("bert-tiny", "fill-mask"), ("bert-encoder", "feature-extraction"), ("st-concatenated", "sentence-similarity"),
    ])
    func answersDoNotDependOnTheBatchOrTheThreads(checkpoint: String, task: String) async throws {
        let texts = try Self.texts(maskedFor: task)
        let alone = try await Self.answersOneByOne(texts, checkpoint, task)
        for threads in [1, 2, 3] {
            for budget in [1, 24, 4096] {
                var configuration = ServingConfiguration.patient()
                configuration.maxBatchTokens = budget
                let worker = try ServedModel(
                    try JSONPipeline(directory: Fixtures.checkpoint(checkpoint), task: task), configuration,
                    threads: threads)
                let together = try await Self.answersTogether(texts, worker)
                #expect(together == alone, "\(threads) threads, \(budget) tokens")
            }
        }
    }

    @Test func aListIsAnsweredLikeItsElements() async throws {
        let texts = try Self.texts(maskedFor: "fill-mask")
        let worker = try ServedModel(try JSONPipeline(directory: Fixtures.checkpoint("bert-tiny")), .patient())
        var alone: [JSONValue] = []
        for text in texts { alone.append(try JSONValue(parsing: try await worker.answer(.string(text)))) }
        let list = try JSONValue(parsing: try await worker.answer(.array(texts.map(JSONValue.string))))
        #expect(list == .array(alone))
    }

    @Test func aCancelledRequestEndsAtOnceAndTheOthersGoOn() async throws {
        let worker = try ServedModel(try JSONPipeline(directory: Fixtures.checkpoint("bert-tiny")), .patient())
        let texts = try Self.texts(maskedFor: "fill-mask")
        let expected = try await Self.answersTogether(texts, worker)
        let cancelled = Task { try await worker.answer(.array(texts.map(JSONValue.string))) }
        cancelled.cancel()
        let answers = try await Self.answersTogether(texts, worker)
        #expect(answers == expected)
        switch await cancelled.result {
        case .success(let json): #expect(try JSONValue(parsing: json).array?.count == texts.count)
        case .failure(let error): #expect(error is CancellationError)
        }
    }

    @Test func aStoppedWorkerRefuses() async throws {
        let worker = try ServedModel(try JSONPipeline(directory: Fixtures.checkpoint("bert-tiny")), .patient())
        worker.stop()
        await #expect(throws: ServingError.self) { try await worker.answer(.string("a [MASK]")) }
    }

    private static func texts(maskedFor task: String) throws -> [String] {
        let words = ["the", "cat", "sat", "on", "mat", "people", "café", "東京", "house", ","]
        var generator = SeededGenerator(seed: 11)
        return (0..<20).map { index in
            var text = (0..<1 + index % 12).map { _ in words.randomElement(using: &generator) ?? "" }
            if task == "fill-mask" { text.insert("[MASK]", at: Int.random(in: 0...text.count, using: &generator)) }
            return text.joined(separator: " ")
        }
    }

    private static func answersOneByOne(_ texts: [String], _ checkpoint: String, _ task: String) async throws
        -> [[UInt8]]
    {
        let worker = try ServedModel(
            try JSONPipeline(directory: Fixtures.checkpoint(checkpoint), task: task), .patient(), threads: 1)
        var answers: [[UInt8]] = []
        for text in texts { answers.append(try await worker.answer(.string(text))) }
        return answers
    }

    private static func answersTogether(_ texts: [String], _ worker: ServedModel) async throws -> [[UInt8]] {
        try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for (index, text) in texts.enumerated() {
                group.addTask { (index, try await worker.answer(.string(text))) }
            }
            var answers = [[UInt8]](repeating: [], count: texts.count)
            for try await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }
}
