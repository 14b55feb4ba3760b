import HTTPTypes
import PenstockJSON
import PenstockTestSupport
import Testing

@Suite struct PipelineAPITests {
    static let text = "The cat sat on the [MASK]."

    @Test(arguments: [nil, "application/x-www-form-urlencoded", "text/plain", "text/plain; charset=UTF-8"])
    func takesTextWhateverItsTypeClaims(contentType: String?) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await server.post(Self.text, as: contentType)
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "application/json")
        #expect(try reply.json.array?.count == 5)
        #expect(try reply.json.array?.first?.object?.entries.map(\.key) == ["score", "token", "token_str", "sequence"])
    }

    @Test func takesInputsAndParameters() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let nested = try await server.post(
            #"{"inputs": "The cat sat on the [MASK].", "parameters": {"top_k": 2}}"#,
            as: "application/json; charset=utf-8")
        #expect(try nested.json.array?.count == 2)
        let flat = try await server.post(
            #"{"top_k": 2, "inputs": "The cat sat on the [MASK].", "parameters": null}"#, as: "application/json")
        #expect(flat.bytes == nested.bytes)
        let plain = try await server.post(Self.text)
        #expect(try plain.json.array.map { Array($0.prefix(2)) } == nested.json.array)
    }

    /// They are compared with those that are nested in time linear in their number: each with each would take much longer
    /// than the limit.
    @Test(.timeLimit(.minutes(2))) func manyParametersAreRefusedInTime() async throws {
        let server = try TestServer(checkpoint: "bert-tiny", maxBodyBytes: 1 << 24)
        let nested = (0..<300_000).map { #""a\#($0)":0"# }.joined(separator: ",")
        let beside = (0..<300_000).map { #""b\#($0)":0"# }.joined(separator: ",")
        let reply = try await server.post(
            #"{"inputs":"a [MASK]","parameters":{\#(nested)},\#(beside),"a7":1}"#, as: "application/json")
        #expect(reply.status == 422)
        #expect(reply.text.contains(#"\"a7\" is given twice"#), "\(reply.text)")
    }

    /// What no pipeline sees: a body, a code and a status for each.
    @Test(
        arguments: [
            ("", nil, 400, "empty_body"),
            ("", "application/json", 400, "empty_body"),
            ("{", "application/json", 400, "malformed_json"),
            (#"{"inputs": "a [MASK]"} x"#, "application/json", 400, "malformed_json"),
            (#"["a [MASK]"]"#, "application/json", 422, "invalid_request"),
            (#"{"text": "a [MASK]"}"#, "application/json", 422, "invalid_request"),
            (#"{"inputs": "a [MASK]", "parameters": 3}"#, "application/json", 422, "invalid_request"),
            (#"{"inputs": "no mask"}"#, "application/json", 422, "invalid_inputs"),
            ("no mask", nil, 422, "invalid_inputs"),
            (#"{"inputs": []}"#, "application/json", 422, "invalid_inputs"),
            (#"{"inputs": "a [MASK]", "parameters": {"topk": 3}}"#, "application/json", 422, "invalid_parameter"),
            (
                #"{"inputs": "a [MASK]", "parameters": {"top_k": 1000000}}"#, "application/json", 422,
                "invalid_parameter"
            ),
            (String(repeating: "[MASK]", count: 600), nil, 422, "input_too_long"),
            (String(repeating: "a", count: 1 << 17), nil, 413, "body_too_large"),
            ("a [MASK]", "image/png", 415, "unsupported_media_type"),
            ("a [MASK]", "multipart/form-data; boundary=x", 415, "unsupported_media_type"),
            ("a [MASK]", "text/plain; charset=latin1", 415, "unsupported_media_type"),
        ] as [(String, String?, Int, String)])
    func refuses(body: String, contentType: String?, status: Int, code: String) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await server.post(body, as: contentType)
        #expect(reply.status == status)
        #expect(try reply.errorCode == code)
        #expect(try reply.json["error"]?["message"]?.string?.isEmpty == false)
    }

    @Test(arguments: [nil, "application/json"])
    func refusesInvalidUTF8(contentType: String?) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let body = Array(#"{"inputs": ""#.utf8) + [0xFF, 0xFE] + Array(#" [MASK]"}"#.utf8)
        let reply = try await server.send(.post, "/", contentType.map { [.contentType: $0] } ?? [:], body: body)
        #expect(reply.status == 400)
    }

    @Test func knowsItsPathsAndMethods() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let health = try await server.send(.get, "/health")
        #expect(health.status == 200)
        #expect(try health.json["status"]?.string == "ok")
        let missing = try await server.send(.get, "/nothing")
        #expect(missing.status == 404)
        #expect(try missing.errorCode == "not_found")
        for (method, path, allowed) in [
            (HTTPRequest.Method.delete, "/", "GET, HEAD, OPTIONS, POST"), (.delete, "/health", "GET, HEAD, OPTIONS"),
            (.delete, "/health/", "GET, HEAD, OPTIONS"),
        ] {
            let reply = try await server.send(method, path)
            #expect(reply.status == 405)
            #expect(reply.headers[.allow] == allowed)
            #expect(try reply.errorCode == "method_not_allowed")
        }
    }

    @Test func tellsWhatTheModelCanDo() async throws {
        let server = try TestServer(checkpoint: "zero-shot-bert")
        let info = try await server.send(.get, "/info")
        #expect(
            try info.json["supported_tasks"]?.array?.compactMap(\.string)
                == ["feature-extraction", "text-classification", "zero-shot-classification"])
    }

    @Test func ranksTexts() async throws {
        let server = try TestServer(checkpoint: "ranking-roberta")
        let reply = try await server.post(
            #"{"inputs": {"query": "Is it good?", "texts": ["the cat", "it is good", ""]}, "return_documents": true}"#,
            as: "application/json")
        #expect(reply.status == 200)
        let rows = try #require(try reply.json.array)
        #expect(rows.map { $0.object?.entries.map(\.key) } == Array(repeating: ["index", "score", "text"], count: 3))
        #expect(Set(rows.compactMap { $0["index"]?.integer }) == [0, 1, 2])
        let scores = rows.compactMap { $0["score"]?.double }
        #expect(scores == scores.sorted(by: >))
    }

    @Test func choosesAmongLabels() async throws {
        let server = try TestServer(checkpoint: "zero-shot-distilbert", task: "zero-shot-classification")
        let reply = try await server.post(
            #"{"inputs": "the cat sat", "parameters": {"candidate_labels": ["a", "b", "a"]}}"#, as: "application/json")
        #expect(reply.status == 200)
        #expect(try reply.json.object?.entries.map(\.key) == ["sequence", "labels", "scores"])
        #expect(try reply.json["sequence"]?.string == "the cat sat")
        #expect(try reply.json["labels"]?.array?.compactMap(\.string).sorted() == ["a", "a", "b"])
        let scores = try #require(try reply.json["scores"]?.array?.compactMap(\.double))
        #expect(abs(scores.reduce(0, +) - 1) < 1e-6 && scores == scores.sorted(by: >))
    }

    @Test func answersQuestions() async throws {
        let server = try TestServer(checkpoint: "span-distilbert")
        let input = #"{"question": "Is it good?", "context": "the cat sat on the mat"}"#
        let single = try await server.post(#"{"inputs": \#(input)}"#, as: "application/json")
        #expect(single.status == 200)
        #expect(try single.json.object?.entries.map(\.key) == ["score", "start", "end", "answer"])
        let list = try await server.post(#"{"inputs": [\#(input)]}"#, as: "application/json")
        #expect(try list.json == .array([single.json]))
        let several = try await server.post(#"{"inputs": \#(input), "top_k": 3}"#, as: "application/json")
        #expect(try several.json.array?.count == 3)
    }

    @Test func answersSentencesWithEmbeddings() async throws {
        let server = try TestServer(checkpoint: "st-mean")
        let single = try await server.post("The cat sat.")
        let list = try await server.post(#"{"inputs": ["The cat sat."]}"#, as: "application/json")
        #expect(try list.json == .array([single.json]))
        let similarity = try await server.post(
            #"{"inputs": {"source_sentence": "The cat sat.", "sentences": ["The cat sat.", "on"]}}"#,
            as: "application/json")
        let scores = try #require(try similarity.json.array?.compactMap(\.double))
        #expect(scores.count == 2)
        #expect(abs(scores[0] - 1) < 1e-6)
    }
}
