import HTTPTypes
import PenstockJSON
import PenstockTestSupport
import Testing

/// What clients of Hugging Face get: the shapes of the models that are hosted there.
@Suite struct HostedClientTests {
    private static let python = agent("unknown/None; hf_hub/2.4.0; python/3.11.7")
    private static let javaScript = agent("@huggingface/inference/4.13.28 (node)")

    private static func agent(_ text: String) -> HTTPFields { [.userAgent: text] }

    private func server() throws -> TestServer {
        try TestServer(serving: [
            "bert-sequence", "bert-tokens", "bert-tiny", "zero-shot-bert", "span-bert", "st-mean", "ranking-bert",
        ])
    }

    /// What a client sends of a task to a model, and what of the pipeline's answers it expects.
    struct Case: Sendable, CustomTestStringConvertible {
        let task: String
        let model: String
        /// The fields of the body.
        let body: String
        /// The same of the pipeline, whose answer is put into `expected` for `@`.
        let native: String
        var expected = "@"

        var testDescription: String { task }
    }

    @Test(arguments: [
        Case(
            task: "text-classification", model: "bert-sequence", body: #""inputs": "the cat", "parameters": {}"#,
            native: #""inputs": "the cat", "top_k": null"#, expected: "[@]"),
        Case(
            task: "text-classification", model: "bert-sequence",
            body: #""inputs": ["the cat", "on"], "parameters": {"top_k": 1}"#,
            native: #""inputs": ["the cat", "on"], "top_k": 1"#),
        Case(
            task: "token-classification", model: "bert-tokens", body: #""inputs": "the cat", "parameters": {}"#,
            native: #""inputs": "the cat", "aggregation_strategy": "simple""#),
        Case(
            task: "token-classification", model: "bert-tokens",
            body: #""inputs": "the cat", "parameters": {"aggregation_strategy": "none"}"#,
            native: #""inputs": "the cat""#),
        Case(
            task: "fill-mask", model: "bert-tiny",
            body: #""inputs": "the [MASK]", "parameters": {"top_k": 2, "targets": null}"#,
            native: #""inputs": "the [MASK]", "top_k": 2"#),
        Case(
            task: "question-answering", model: "span-bert",
            body: #""inputs": {"question": "who?", "context": "the cat"}, "parameters": {}"#,
            native: #""inputs": {"question": "who?", "context": "the cat"}"#),
        Case(
            task: "feature-extraction", model: "st-mean",
            body: #""inputs": "the cat", "normalize": true, "truncate": true, "prompt_name": null"#,
            native: #""inputs": "the cat", "normalize": true"#, expected: "[@]"),
        Case(
            task: "feature-extraction", model: "st-mean", body: #""inputs": ["the cat", "on"]"#,
            native: #""inputs": ["the cat", "on"]"#),
        Case(
            task: "sentence-similarity", model: "st-mean",
            body: #""inputs": {"source_sentence": "the cat", "sentences": ["on", "the"]}, "parameters": {}"#,
            native: #""inputs": {"source_sentence": "the cat", "sentences": ["on", "the"]}"#),
        Case(
            task: "text-ranking", model: "ranking-bert", body: #""query": "the cat", "texts": ["on", "a"]"#,
            native: #""inputs": {"query": "the cat", "texts": ["on", "a"]}"#),
    ])
    func answersAreThoseOfHostedModels(of sample: Case) async throws {
        let server = try server()
        let native = try await server.post("{\(sample.native)}", to: "/models/\(sample.model)")
        #expect(native.status == 200)
        let expected = sample.expected.replacing("@", with: native.text)
        for (path, headers) in [
            ("/models/\(sample.model)", Self.python), ("/models/\(sample.model)/", Self.javaScript),
            ("/models/\(sample.model)/pipeline/\(sample.task)", [:]), ("/pipeline/\(sample.task)/\(sample.model)", [:]),
        ] {
            let reply = try await server.post("{\(sample.body)}", to: path, headers)
            #expect(reply.text == expected, "\(path)")
            #expect(reply.headers[.contentType] == "application/json")
        }
    }

    /// Until version 1.1.4 `huggingface_hub` takes only one form, later only the other. The first task of the model is
    /// another one; the labels tell which is asked.
    @Test(arguments: [
        ("hf_hub/0.36.0", false), ("hf_hub/1.1.4", false), ("hf_hub/1.1.5", true), ("hf_hub/1.33.0", true),
        ("hf_hub/2.4.0.dev0", true), ("hf_hub/next", true), ("@huggingface/inference/4.13.28", true),
    ])
    func zeroShotClassificationIsInTheFormOfTheVersion(agent: String, isList: Bool) async throws {
        let server = try server()
        let body = #"{"inputs":"hi","parameters":{"candidate_labels":["a","b"],"multi_label":false}}"#
        let native = try await server.post(body, to: "/models/zero-shot-bert")
        let labels = try #require(try native.json["labels"]?.array)
        let scores = try #require(try native.json["scores"]?.array)
        let pairs = zip(labels, scores).map {
            #"{"label":\#(Optional($0).written),"score":\#(Optional($1).written)}"#
        }
        let expected = isList ? "[\(pairs.joined(separator: ","))]" : native.text
        for path in [
            "/models/zero-shot-bert", "/models/zero-shot-bert/pipeline/zero-shot-classification",
            "/pipeline/zero-shot-classification/zero-shot-bert",
        ] {
            #expect(try await server.post(body, to: path, Self.agent("unknown/None; \(agent); x")).text == expected)
        }
    }

    @Test func parametersMayStandInTheAddress() async throws {
        let server = try server()
        let best = try await server.post(#"{"inputs": "the cat", "top_k": 1}"#, to: "/models/bert-sequence")
        for (path, body) in [
            ("/models/bert-sequence?top_k=1", #"{"inputs": "the cat"}"#),
            ("/models/bert-sequence?top_k=1", #"{"inputs": "the cat", "parameters": null}"#),
            ("/models/bert-sequence?top_k=2", #"{"inputs": "the cat", "top_k": 1}"#),
            // Where the body has parameters, the address counts no more.
            ("/models/bert-sequence?top_k=2", #"{"inputs": "the cat", "parameters": {"top_k": 1}}"#),
        ] {
            #expect(try await server.post(body, to: path).bytes == best.bytes, "\(path)")
        }
    }

    @Test func whatIsSaidOfCachesAndWaitingChangesNothing() async throws {
        let server = try server()
        let plain = try await server.post(#"{"inputs": "the [MASK]"}"#, to: "/models/bert-tiny", Self.javaScript)
        var headers = Self.javaScript
        for name in ["X-Wait-For-Model", "X-Use-Cache"] { headers[try #require(HTTPField.Name(name))] = "false" }
        let options = #"{"use_cache": false, "wait_for_model": true, "use_gpu": null, "retry_on_error": true}"#
        let reply = try await server.post(
            #"{"inputs": "the [MASK]", "options": \#(options)}"#, to: "/models/bert-tiny", headers)
        #expect(reply.bytes == plain.bytes)
    }

    // MARK: Routes of SageMaker and Vertex AI

    @Test func invocationsAreThoseOfTheFirstModel() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let first = try await server.post(#"{"inputs": "the cat"}"#, to: "/")
        #expect(try await server.post(#"{"inputs": "the cat"}"#, to: "/invocations").bytes == first.bytes)
        let both = try await server.post(
            #"{"instances": ["the cat", {"inputs": "the cat"}], "parameters": {}}"#, to: "/invocations")
        #expect(both.text == #"{"predictions":[\#(first.text),\#(first.text)]}"#)
        #expect(try await server.send(.get, "/ping").status == 200)
    }

    // MARK: Health and info

    @Test func healthAndInfoFollowTheURLOfAModel() async throws {
        let server = try server()
        let health = try await server.send(.get, "/models/st-mean/health", Self.python)
        #expect(health.status == 200)
        #expect(health.text == #"{"status":"ready"}"#)
        #expect(try await server.send(.get, "/models/st-mean/info").json["model_id"]?.string == "st-mean")
        #expect(try await server.send(.get, "/models/none/health").status == 404)
        #expect(try await TestServer { _ in nil }.send(.get, "/models/late/health").status == 503)
    }

    // MARK: Errors

    @Test func errorsAreTexts() async throws {
        let server = try server()
        for (path, body, status, text) in [
            ("/models/bert-tiny", #"{"inputs": "no mask"}"#, 400, "mask"),
            ("/models/bert-tiny", #"{"inputs": "[MASK]", "options": 3}"#, 400, "options"),
            ("/models/none", #"{"inputs": "a"}"#, 404, "no model of this name"),
            ("/nothing", #"{"inputs": "a"}"#, 404, "nothing at this path"),
            ("/models/bert-tiny/pipeline/text-classification", #"{"inputs": "a"}"#, 400, "fill-mask"),
            ("/pipeline/%zz/bert-tiny", #"{"inputs": "a"}"#, 404, "no task of this name"),
        ] {
            let reply = try await server.post(body, to: path, Self.python)
            #expect(reply.status == status, "\(path)")
            #expect(try reply.keys() == ["error"])
            #expect(try reply.json["error"]?.string?.contains(text) == true, "\(path)")
        }
    }

    /// The client of JavaScript would send the request again at once, and without end.
    @Test func aModelOnItsWayIsToComeBackTo() async throws {
        let server = try TestServer { _ in nil }
        let python = try await server.post(#"{"inputs": "a"}"#, to: "/models/late", Self.python)
        #expect(python.status == 503)
        #expect(
            python.text
                == #"{"error":"the model is being loaded; try again soon","estimated_time":2.0}"#)
        let javaScript = try await server.post(#"{"inputs": "a"}"#, to: "/models/late", Self.javaScript)
        #expect(javaScript.status == 429)
        #expect(javaScript.headers[.retryAfter] == "2")
    }

    @Test func aTraceIsTheIdOfARequest() async throws {
        let server = try server()
        var headers = Self.python
        headers[try #require(HTTPField.Name("X-Amzn-Trace-Id"))] = "trace"
        #expect(try await server.send(.get, "/models", headers).headers[.requestID] == "trace")
        headers[.requestID] = "mine"
        #expect(try await server.send(.get, "/models", headers).headers[.requestID] == "mine")
    }
}
