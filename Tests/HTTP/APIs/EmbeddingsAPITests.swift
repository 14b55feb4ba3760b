import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockTestSupport
import Testing

/// `POST /v1/embeddings` as OpenAI's clients know it.
@Suite struct EmbeddingsAPITests {
    /// The embedding that the pipeline gives, as JSON text.
    private func embedding(_ server: TestServer, _ parameters: String = #"{"normalize": true}"#) async throws -> String
    {
        try await server.post(#"{"inputs": "the cat", "parameters": \#(parameters)}"#, to: "/").text
    }

    /// The numbers of an embedding of the reply.
    private func numbers(_ reply: TestServer.Reply, _ index: Int = 0) throws -> [Double] {
        try #require(try reply.json["data"]?.array?[index]["embedding"]?.array).compactMap(\.double)
    }

    @Test func answersAreThoseOfThePipelineByteForByte() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let vector = try await embedding(server)
        for body in [
            #"{"model": "st-mean", "input": "the cat"}"#,
            #"{"model": "st-mean", "input": ["the cat"], "encoding_format": "float", "user": "u", "dimensions": null}"#,
        ] {
            let reply = try await server.post(body, to: "/v1/embeddings")
            #expect(reply.status == 200)
            #expect(reply.headers[.contentType] == "application/json")
            #expect(
                reply.text == #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"# + vector
                    + #"}],"model":"st-mean","usage":{"prompt_tokens":8,"total_tokens":8}}"#)
        }
    }

    /// What `openai` sends for Python and JavaScript if nobody says anything.
    @Test func base64IsTheNumbersInLittleEndian() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let text = try await embedding(server, #"{"normalize": true, "encoding_format": "base64"}"#)
        let reply = try await server.post(
            #"{"model":"m","input":"the cat","encoding_format":"base64"}"#, to: "/v1/embeddings")
        #expect(
            reply.text == #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"# + text
                + #"}],"model":"st-mean","usage":{"prompt_tokens":8,"total_tokens":8}}"#)
        let encoded = try #require(try reply.json["data"]?.array?.first?["embedding"]?.string)
        let floats = try await server.post(#"{"model":"m","input":"the cat"}"#, to: "/v1/embeddings")
        #expect(encoded.utf8.count == (try numbers(floats).count * 4 + 2) / 3 * 4)
    }

    /// LangChain sends the ids of tokens.
    @Test func tokensAreThoseOfTheModel() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let tokens = try await server.post(#"{"inputs": "the cat"}"#, to: "/models/st-mean/tokenize")
        let ids = try #require(try tokens.json["ids"]?.array?.compactMap(\.integer))
        let text = try await server.post(#"{"input": "the cat"}"#, to: "/v1/embeddings")
        for input in ["\(ids)", "[\(ids)]", "\(Array(ids.dropFirst().dropLast()))"] {
            let reply = try await server.post(#"{"input": \#(input)}"#, to: "/v1/embeddings")
            #expect(reply.bytes == text.bytes)
        }
        let mixed = try await server.post(#"{"input": [\#(ids), "on"]}"#, to: "/v1/embeddings")
        #expect(try numbers(mixed) == numbers(text))
        #expect(try mixed.json["data"]?.array?.count == 2)
        let foreign = try await server.post(#"{"input": [[1000000]]}"#, to: "/v1/embeddings")
        #expect(foreign.status == 400)
        #expect(foreign.text.contains("check_embedding_ctx_length=False"))
    }

    @Test func dimensionsCutAndHaveLengthOne() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let cut = try await numbers(server.post(#"{"input": "the cat", "dimensions": 3}"#, to: "/v1/embeddings"))
        #expect(cut.count == 3)
        #expect(abs(cut.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
        let many = try await server.post(#"{"input": "the cat", "dimensions": 100000}"#, to: "/v1/embeddings")
        #expect(many.status == 400)
        #expect(many.text.contains("dimensions"))
    }

    @Test func manyInputsAreAnsweredInTheirOrder() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let texts = (0..<2048).map { $0.isMultiple(of: 2) ? #""the cat""# : #""on""# }
        let reply = try await server.post(#"{"input": [\#(texts.joined(separator: ","))]}"#, to: "/v1/embeddings")
        #expect(reply.status == 200)
        let data = try #require(try reply.json["data"]?.array)
        #expect(data.map { $0["index"]?.integer } == Array(0..<2048))
        #expect(data[0]["embedding"] == data[2046]["embedding"] && data[1]["embedding"] == data[2047]["embedding"])
        #expect(data[0]["embedding"] != data[1]["embedding"])
        // OpenAI takes no more; here the limits of bytes and of what waits are all there is.
        let more = try await server.post(
            #"{"input": [\#((texts + ["\"on\""]).joined(separator: ","))]}"#, to: "/v1/embeddings")
        #expect(try more.json["data"]?.array?.count == 2049)
    }

    @Test func aModelIsChosenByItsName() async throws {
        let server = try TestServer(serving: ["bert-tiny", "st-mean"])
        // Without a name, by what it can do.
        let unnamed = try await server.post(#"{"input": "the cat", "model": ""}"#, to: "/v1/embeddings")
        #expect(try unnamed.json["model"]?.string == "st-mean")
        let unable = try await server.post(#"{"input": "the cat", "model": "bert-tiny"}"#, to: "/v1/embeddings")
        #expect(unable.status == 400)
        #expect(try unable.errorCode == "unsupported_task")
        let unknown = try await server.post(#"{"input": "the cat", "model": "gpt-4"}"#, to: "/v1/embeddings")
        #expect(unknown.status == 404)
        #expect(try unknown.errorCode == "model_not_found")
        let metrics = try await server.send(.get, "/metrics").text
        #expect(metrics.contains(#"penstock_requests_total{model="st-mean",outcome="ok"} 1"#))
        #expect(metrics.contains(#"penstock_requests_total{model="bert-tiny",outcome="unsupported_task"} 1"#))
    }

    @Test(
        arguments: [
            (#"{"model": "m"}"#, 400, "input"), (#"{"input": []}"#, 400, "input"), (#"{"input": null}"#, 400, "input"),
            (#"{"input": [[]]}"#, 400, "input"), (#"{"input": 3}"#, 400, "input"),
            (#"{"input": ["a", 3]}"#, 400, "input"), (#"{"input": [1.5]}"#, 400, "input"),
            (#"{"input": [99999999999]}"#, 400, "input"), (#"{"input": [1, "a"]}"#, 400, "input"),
            (#"{"input": "a", "dimensions": 0}"#, 400, "dimensions"),
            (#"{"input": "a", "dimensions": "3"}"#, 400, "dimensions"),
            (#"{"input": "a", "encoding_format": "hex"}"#, 400, "encoding_format"),
            (#"{"input": "a", "model": 3}"#, 400, "model"),
        ] as [(String, Int, String)])
    func errorsNameTheField(body: String, status: Int, field: String) async throws {
        let server = try TestServer(serving: ["st-mean"])
        let reply = try await server.post(body, to: "/v1/embeddings")
        #expect(reply.status == status)
        let error = try #require(try reply.json["error"]?.object)
        #expect(error.entries.map(\.key) == ["message", "type", "param", "code"])
        #expect(error["type"]?.string == "invalid_request_error")
        #expect(error["param"]?.string == field)
        #expect(["invalid_request", "empty_inputs"].contains(error["code"]?.string))
    }

    @Test func errorsAreOneObjectWhateverIsWrong() async throws {
        let server = try TestServer(serving: ["st-mean"])
        for (body, status, code) in [
            ("", 400, "empty_body"), ("{", 400, "malformed_json"), ("[]", 400, "invalid_request"),
            (String(repeating: " ", count: 2 << 20), 413, "body_too_large"),
        ] {
            let reply = try await server.post(body, to: "/v1/embeddings")
            #expect(reply.status == status)
            #expect(try reply.errorCode == code)
            #expect(try reply.json["error"]?["param"] == .null)
        }
        let method = try await server.send(.get, "/v1/embeddings")
        #expect(method.status == 405)
        #expect(try method.json["error"]?["type"]?.string == "invalid_request_error")
        let path = try await server.send(.get, "/v1/nothing")
        #expect(path.status == 404)
        #expect(try path.json["error"]?["type"]?.string == "invalid_request_error")
    }

    /// A body is JSON whatever its type claims, as some clients name none.
    @Test(arguments: [nil, "text/plain", "application/x-www-form-urlencoded"])
    func theContentTypeDoesNotMatter(type: String?) async throws {
        let server = try TestServer(serving: ["st-mean"])
        let reply = try await server.send(
            .post, "/v1/embeddings", type.map { [.contentType: $0] } ?? [:], body: Array(#"{"input": "a"}"#.utf8))
        #expect(reply.status == 200)
    }

    @Test func noModelYetIsToComeBack() async throws {
        let reply = try await TestServer { _ in nil }.post(#"{"input": "a"}"#, to: "/v1/embeddings")
        #expect(reply.status == 503)
        #expect(reply.headers[.retryAfter] == "2")
        #expect(reply.headers[try #require(HTTPField.Name("x-should-retry"))] == nil)
        #expect(try reply.json["error"]?["type"]?.string == "server_error")
    }

    /// OpenAI's clients would ask twice more for what will not come.
    @Test func aModelThatCouldNotBeLoadedIsNotToBeAskedAgain() async throws {
        let server = try TestServer { _ in nil }
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await server.store.load(named: "late") { throw Failure() } }
        let reply = try await server.post(#"{"input": "a", "model": "late"}"#, to: "/v1/embeddings")
        #expect(reply.status == 503)
        #expect(reply.headers[.retryAfter] == nil)
        #expect(reply.headers[try #require(HTTPField.Name("x-should-retry"))] == "false")
    }
}
