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

    /// The GGUF file of a checkpoint.
    struct FileOfGGUF: Sendable {
        let name: String
        let tasks: [String]
        /// Parameters that stand for settings of the checkpoint of which a file says nothing.
        var added: [String: JSONValue] = [:]
        /// The parameter that cases have to have, since nothing stands for such a setting.
        var needed: String?
    }

    private static let encoders = [
        FileOfGGUF(name: "st-no-limit", tasks: ["embed", "sentence-similarity"]),
        FileOfGGUF(name: "bert-encoder", tasks: ["feature-extraction"]),
        FileOfGGUF(name: "nomic-masked", tasks: ["feature-extraction"]),
        FileOfGGUF(name: "roberta-encoder", tasks: ["feature-extraction"]),
        FileOfGGUF(
            name: "ranking-roberta", tasks: ["text-ranking"], added: ["function_to_apply": .string("none")]),
        FileOfGGUF(name: "ranking-xlm-roberta", tasks: ["text-ranking"], needed: "function_to_apply"),
        FileOfGGUF(name: "st-qwen3", tasks: ["embed"], added: ["normalize": .bool(true)]),
        FileOfGGUF(name: "st-qwen3", tasks: ["sentence-similarity"]),
    ]

    @Test(arguments: encoders)
    func filesOfGGUFAnswerLikeTheirCheckpoints(file: FileOfGGUF) async throws {
        let golden = try Fixtures.json("\(Fixtures.checkpoint(file.name))/golden.json")
        // Prompts are in files beside the checkpoint.
        let cases = try #require(golden["cases"]?.array).filter { golden in
            golden["parameters"]?["prompt_name"] == nil
                && file.needed.map { golden["parameters"]?[$0] != nil } ?? true
        }
        for task in file.tasks {
            let cases = cases.filter { $0["task"]?.string == task }
            #expect(!cases.isEmpty)
            let path = Fixtures.path("gguf-encoders/\(file.name).gguf")
            let worker = try ServedModel(
                try JSONPipeline(directory: path, task: Self.tasks[task]), .patient())
            for golden in cases { try await check(golden, of: task, on: worker, adding: file.added) }
        }
    }

    /// What a file is for, by how its hidden states are pooled.
    @Test(arguments: [("bert-encoder", "sentence-similarity"), ("ranking-roberta", "text-ranking")])
    func tasksOfFilesOfGGUF(name: String, task: String) throws {
        let files = try CheckpointFiles(directory: Fixtures.path("gguf-encoders/\(name).gguf"))
        #expect(try files.entry(forTask: nil).names.first == task)
    }

    private func check(
        _ golden: JSONValue, of task: String, on worker: ServedModel, adding added: [String: JSONValue] = [:]
    ) async throws {
        let inputs = try #require(golden["inputs"])
        var parameters = try #require(golden["parameters"]?.object)
        for (key, value) in added where parameters[key] == nil { parameters.append(key, value) }
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
