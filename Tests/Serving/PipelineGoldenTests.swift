import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// What `transformers` and `sentence-transformers` answer on the same checkpoints.
@Suite struct PipelineGoldenTests {
    /// The tasks of a golden file under the names that a pipeline has for them.
    private static let tasks = [
        "fill-mask": "fill-mask", "feature-extraction": "feature-extraction", "embed": "sentence-similarity",
        "sentence-similarity": "sentence-similarity", "text-classification": "text-classification",
        "token-classification": "token-classification", "sparse": "sparse-embeddings",
        "sparse-similarity": "sparse-embeddings", "tokens": "multi-vector-embeddings",
        "tokens-similarity": "multi-vector-embeddings",
        "text-ranking": "text-ranking",
        "zero-shot-classification": "zero-shot-classification", "question-answering": "question-answering",
    ]

    @Test(arguments: try Fixtures.checkpoints())
    func answersLikeTheReference(checkpoint: String) async throws {
        let directory = Fixtures.checkpoint(checkpoint)
        let cases = try #require(try Fixtures.json("\(directory)/golden.json")["cases"]?.array)
        for (name, task) in Self.tasks {
            let cases = cases.filter { $0["task"]?.string == name }
            guard !cases.isEmpty else { continue }
            let worker = try ServedModel(
                try JSONPipeline(directory: directory, task: task), .patient())
            for golden in cases { try await check(golden, of: name, on: worker) }
        }
    }

    private func check(_ golden: JSONValue, of task: String, on worker: ServedModel) async throws {
        let inputs = try #require(golden["inputs"])
        let parameters = try #require(golden["parameters"]?.object)
        if golden["error"] != nil {
            await #expect(throws: PipelineError.self, "\(inputs) \(parameters)") {
                try await worker.answer(inputs, parameters: parameters)
            }
            return
        }
        let answer = try JSONValue(parsing: try await worker.answer(inputs, parameters: parameters))
        // Scores are probabilities; hidden states and embeddings are sums of terms of either sign around 1.
        let (relative, absolute) = task == "fill-mask" ? (1e-5, 1e-7) : (1e-5, 1e-5)
        let difference = answer.difference(
            from: try #require(golden["output"]), relative: relative, absolute: absolute)
        #expect(difference == nil, "\(inputs) \(parameters)")
    }
}
