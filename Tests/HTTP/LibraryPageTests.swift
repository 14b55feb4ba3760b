import Penstock
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

/// The calls of docs/LIBRARY.md, by curl and in Swift, are answered like the reference answers them.
@Suite struct LibraryPageTests {
    /// The fixture that answers the calls of a task.
    private static let checkpoints = [
        "fill-mask": "bert-tiny", "text-classification": "bert-sequence", "zero-shot-classification": "zero-shot-bert",
        "question-answering": "span-bert", "token-classification": "bert-tokens", "feature-extraction": "bert-tiny",
        "sentence-similarity": "st-mean", "sparse-embeddings": "sparse-plain",
        "multi-vector-embeddings": "tokens-colbert", "text-ranking": "ranking-bert",
    ]

    /// The sections of the page whose code stands for no task.
    private static let furtherSections = ["Loading", "Lists and sequences", "Several tasks on one model"]

    private let blocks: [MarkdownPage.CodeBlock]

    init() throws { blocks = try MarkdownPage("docs/LIBRARY.md").codeBlocks }

    @Test func showsEveryTask() {
        for language in ["sh", "swift"] {
            let shown = Set(blocks.filter { $0.language == language }.map(\.heading))
            for task in TaskRegistry.descriptions.compactMap(\.names.first) {
                #expect(shown.contains(task), "docs/LIBRARY.md needs a section \(task) with a block of \(language)")
            }
        }
        let known = Set(TaskRegistry.descriptions.compactMap(\.names.first) + Self.furtherSections)
        #expect(known.isSuperset(of: blocks.map(\.heading)), "a section of docs/LIBRARY.md stands for no task")
    }

    /// Compares the page with the file that is compiled.
    @Test func showsTheCodeThatRuns() throws {
        let shown = blocks.filter { $0.language == "swift" }.map(\.text).joined(separator: "\n")
        let compiled = try Fixtures.bytes(atPath: "\(Fixtures.repository)/Tests/HTTP/LibrarySnippets.swift")
        #expect(
            shown == String(decoding: compiled, as: UTF8.self),
            "the blocks of Swift in docs/LIBRARY.md, with a line between them, have to be Tests/HTTP/LibrarySnippets.swift"
        )
    }

    // MARK: curl

    @Test(arguments: checkpoints.keys.sorted() + ["text-generation"])
    func curlIsAnsweredLikeTheReference(task: String) async throws {
        let server =
            try Self.checkpoints[task].map { try TestServer(checkpoint: $0, task: task) }
            ?? TestServer(decoder: "llama")
        let commands = blocks.filter { $0.heading == task && $0.language == "sh" }.map(\.text)
        #expect(!commands.isEmpty)
        for command in commands {
            let parts = command.split(separator: "'", omittingEmptySubsequences: false)
            try #require(
                parts.count == 5 && parts[0] == "curl http://localhost:8000/ -H "
                    && parts[1] == "Content-Type: application/json" && parts[2] == " \\\n  -d " && parts[4] == "\n",
                "\(command)")
            let body = try JSONValue(parsing: parts[3].utf8)
            let answer = try await server.post(String(parts[3]), as: "application/json")
            let expected = try Self.expected(of: body, for: task)
            let difference = try answer.json.difference(from: expected, relative: 1e-5, absolute: 1e-5)
            #expect(answer.status == 200 && difference == nil, "\(command)")
        }
    }

    /// The answer of the reference to a body: a golden, or what goldens say of each of its texts.
    private static func expected(of body: JSONValue, for task: String) throws -> JSONValue {
        if let literal = literals[task], body["inputs"]?.object != nil || checkpoints[task] == nil {
            return try JSONValue(parsing: literal.utf8)
        }
        let checkpoint = try #require(checkpoints[task])
        let names = ["sentence-similarity": "embed", "sparse-embeddings": "sparse"]
        let goldens = try #require(try Fixtures.json("\(Fixtures.checkpoint(checkpoint))/golden.json")["cases"]?.array)
        let golden = goldens.first {
            $0["task"]?.string == names[task] ?? task && $0["inputs"] == body["inputs"]
                && $0["parameters"] == body["parameters"] ?? .object(JSONObject())
        }
        return try #require(golden?["output"], "no golden of \(checkpoint) has the call of \(task)")
    }

    /// Of goldens with further texts; and of `LlamaForCausalLM.generate` on four unknown words.
    private static let literals = [
        "sentence-similarity": "[0.9707345962524414, 1.0]",
        "multi-vector-embeddings": "[0.9527793526649475, 0.9675436019897461]",
        "text-generation": #"[{"generated_text": "t64 t57 t64 t57"}]"#,
        "text-ranking": """
        [{"index": 2, "score": 0.38369858264923096, "text": "Is it good?"},
        {"index": 1, "score": 0.23846642673015594, "text": "never before was it so"},
        {"index": 0, "score": 0.21729573607444763, "text": "The cat sat on the mat."}]
        """,
    ]

    // MARK: Swift

    private func expected(_ task: String) throws -> JSONValue {
        let command = try #require(blocks.last { $0.heading == task && $0.language == "sh" }).text
        let body = command.split(separator: "'", omittingEmptySubsequences: false)[3]
        return try Self.expected(of: JSONValue(parsing: body.utf8), for: task)
    }

    private func load<Task: LibraryTask>(_ task: Task.Type, _ name: String) async throws -> Pipeline<Task> {
        try await pipeline(for: task, from: Fixtures.checkpoint(#require(Self.checkpoints[name])))
    }

    private func isClose(_ numbers: [Float], to expected: [JSONValue?]) -> Bool {
        JSONValue.array(numbers.map { .double(Double($0)) })
            .difference(from: .array(expected.map { $0 ?? .null }), relative: 1e-5, absolute: 1e-5) == nil
    }

    @Test func masksAreFilled() async throws {
        let found = try await fillMask(load(FillMask.self, "fill-mask"))
        let expected = try #require(try expected("fill-mask").array)
        #expect(found.map(\.token) == expected.map { $0["token"]?.integer })
        #expect(found.map(\.tokenText) == expected.map { $0["token_str"]?.string })
        #expect(found.map(\.sequence) == expected.map { $0["sequence"]?.string })
        #expect(isClose(found.map(\.score), to: expected.map { $0["score"] }))
    }

    @Test func textsAreClassified() async throws {
        let found = try await classify(load(TextClassification.self, "text-classification"))
        let expected = try #require(try expected("text-classification").array)
        #expect(found.map(\.label) == expected.map { $0["label"]?.string })
        #expect(isClose(found.map(\.score), to: expected.map { $0["score"] }))
    }

    @Test func labelsAreChosen() async throws {
        let found = try await chooseLabel(load(ZeroShotClassification.self, "zero-shot-classification"))
        let expected = try #require(try expected("zero-shot-classification").array?[0]["labels"]?.array)
        #expect(found == expected.map(\.string))
    }

    @Test func questionsAreAnswered() async throws {
        let found = try await answer(load(QuestionAnswering.self, "question-answering"))
        #expect(try found == expected("question-answering")["answer"]?.string)
    }

    @Test func entitiesAreFound() async throws {
        let found = try await findEntities(load(TokenClassification.self, "token-classification"))
        let expected = try #require(try expected("token-classification").array)
        #expect(found.map(\.label) == expected.map { $0["entity_group"]?.string })
        #expect(found.map(\.word) == expected.map { $0["word"]?.string })
        #expect(found.map(\.range.lowerBound) == expected.map { $0["start"]?.integer })
        #expect(isClose(found.map(\.score), to: expected.map { $0["score"] }))
    }

    @Test func featuresAreExtracted() async throws {
        let found = try await extractFeatures(load(FeatureExtraction.self, "feature-extraction"))
        let expected = try #require(try expected("feature-extraction").array?[0].array)
        #expect(found.count == expected.count)
        for (state, expected) in zip(found, expected) { #expect(isClose(Array(state), to: expected.array ?? [])) }
    }

    @Test func sentencesAreEmbeddedAndCompared() async throws {
        let pipeline = try await load(SentenceSimilarity.self, "sentence-similarity")
        let body = try JSONValue(
            parsing: #"{"inputs": "The cat sat on the mat!", "parameters": {"normalize": true}}"#.utf8)
        let expected = try Self.expected(of: body, for: "sentence-similarity")
        #expect(isClose(try await embed(pipeline), to: try #require(expected.array)))
        let similarities = try #require(try self.expected("sentence-similarity").array)
        #expect(isClose(try await compare(pipeline), to: similarities))
    }

    @Test func embeddingsAreSparse() async throws {
        let found = try await embedSparsely(load(SparseEmbeddings.self, "sparse-embeddings"))
        let expected = try #require(try expected("sparse-embeddings").array)
        #expect(found.map(\.index) == expected.map { $0["index"]?.integer })
        #expect(isClose(found.map(\.value), to: expected.map { $0["value"] }))
    }

    @Test func tokensAreCompared() async throws {
        let found = try await compareTokens(load(MultiVectorEmbeddings.self, "multi-vector-embeddings"))
        #expect(isClose(found, to: try #require(try expected("multi-vector-embeddings").array)))
    }

    @Test func textsAreRanked() async throws {
        let found = try await rank(load(TextRanking.self, "text-ranking"))
        let expected = try #require(try expected("text-ranking").array)
        #expect(found.map(\.index) == expected.map { $0["index"]?.integer })
        #expect(found.map(\.text) == expected.map { $0["text"]?.string })
        #expect(isClose(found.map(\.score), to: expected.map { $0["score"] }))
    }

    @Test func textsAreGenerated() async throws {
        let checkpoint = try DecoderCheckpoint("llama", generation: #"{"eos_token_id": null}"#)
        let generator = try await pipeline(for: TextGeneration.self, from: checkpoint.path)
        let expected = try expected("text-generation").array?[0]["generated_text"]?.string
        let (whole, pieces) = (try await generate(generator), try await generatePiecewise(generator))
        #expect(whole == expected && pieces == expected)
    }

    @Test func chatsAreAnswered() async throws {
        let template = "{% for m in messages %}{{ m.content }} {% endfor %}"
        let checkpoint = try DecoderCheckpoint(
            "llama", generation: #"{"eos_token_id": null}"#, files: [("chat_template.jinja", Array(template.utf8))])
        let chat = try await answer(pipeline(for: TextGeneration.self, from: checkpoint.path))
        #expect(chat.map(\.role) == ["system", "user", "assistant"])
        #expect(chat.last?.content?.isEmpty == false)
    }

    @Test func sequencesAreAnsweredInTheirOrder() async throws {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        for line in ["The cat sat on the [MASK].", "hello [MASK]"] { continuation.yield(line) }
        continuation.finish()
        let pipeline = try await load(FillMask.self, "fill-mask")
        let found = try await bestTokens(lines, pipeline)
        let first = try await fillMask(pipeline)[0].tokenText
        #expect(found.count == 2 && found[0] == first)
    }

    @Test func tasksShareAModel() async throws {
        let (masks, features) = try await masksAndFeatures(from: Fixtures.checkpoint("bert-tiny"))
        #expect(masks.model === features.model)
    }
}
