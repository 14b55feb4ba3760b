import HTTPTypes
import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

@Suite struct TokenizeAPITests {
    private func post(_ server: TestServer, _ body: String, as type: String? = "application/json") async throws
        -> TestServer.Reply
    {
        // A raw text is taken without a name, too.
        try await server.send(
            .post, type == nil ? "/tokenize" : "/models/bert-tiny/tokenize", type.map { [.contentType: $0] } ?? [:],
            body: Array(body.utf8))
    }

    @Test func showsTokensAndOffsets() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await post(server, #"{"inputs": "The cat."}"#)
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "application/json")
        let answer = try reply.json
        #expect(answer.object?.entries.map(\.key) == ["ids", "type_ids", "tokens", "offsets", "special_tokens_mask"])
        #expect(answer["tokens"] == .array(["[CLS]", "the", "cat", ".", "[SEP]"].map(JSONValue.string)))
        #expect(answer["offsets"] == (try JSONValue(parsing: "[[0,0],[0,3],[4,7],[7,8],[0,0]]".utf8)))
        let plain = try await post(server, "The cat.", as: nil)
        #expect(plain.bytes == reply.bytes)
    }

    @Test func aListIsAnsweredWithAList() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await post(
            server,
            #"{"inputs": ["the", ["the", "cat"], {"text": "the", "text_pair": "cat"}, {"text": "the"}], "#
                + #""add_special_tokens": false}"#)
        let answers = try #require(try reply.json.array)
        #expect(answers.count == 4)
        #expect(answers[0]["tokens"] == .array([.string("the")]))
        #expect(answers[1]["type_ids"] == .array([.integer(0), .integer(1)]))
        #expect(answers[1] == answers[2] && answers[0] == answers[3])
        #expect(try await post(server, #"{"inputs": []}"#).json == .array([]))
    }

    @Test func textsMayBeLongerThanTheModelTakes() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await post(server, String(repeating: "the ", count: 5000), as: nil)
        #expect(try reply.json["ids"]?.array?.count == 5002)
    }

    @Test(
        arguments: [
            ("", nil, 400, "empty_body"),
            ("{", "application/json", 400, "malformed_json"),
            (#"["a"]"#, "application/json", 422, "invalid_request"),
            (#"{"inputs": 3}"#, "application/json", 422, "invalid_inputs"),
            (#"{"inputs": ["a", 3]}"#, "application/json", 422, "invalid_inputs"),
            (#"{"inputs": [["a", "b", "c"]]}"#, "application/json", 422, "invalid_inputs"),
            (#"{"inputs": {"text": 3}}"#, "application/json", 422, "invalid_parameter"),
            (#"{"inputs": {"text": "a", "pair": "b"}}"#, "application/json", 422, "invalid_parameter"),
            (#"{"inputs": "a", "add_special_tokens": 1}"#, "application/json", 422, "invalid_parameter"),
            (#"{"inputs": "a", "parameters": {"top_k": 1}}"#, "application/json", 422, "invalid_parameter"),
            (String(repeating: "a", count: 1 << 17), nil, 413, "body_too_large"),
            ("a", "image/png", 415, "unsupported_media_type"),
        ] as [(String, String?, Int, String)])
    func refuses(body: String, contentType: String?, status: Int, code: String) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await post(server, body, as: contentType)
        #expect(reply.status == status)
        #expect(try reply.errorCode == code)
    }

    @Test(arguments: [
        (#"{"inputs": ["a", {"text": "b"}, 3]}"#, "inputs[2] has to be a text, a pair of texts or an object"),
        (#"{"inputs": ["a", {"text": 3}]}"#, "parameter inputs[1].text has to be a string, not 3"),
        (#"{"inputs": {"text_pair": "a"}}"#, "not an object without text"),
        (#"{"inputs": 3}"#, "inputs has to be a text"),
    ])
    func saysWhichInputItCannotTake(body: String, message: String) async throws {
        let reply = try await post(try TestServer(checkpoint: "bert-tiny"), body, as: "application/json")
        #expect(try reply.json["error"]?["message"]?.string?.contains(message) == true)
    }

    @Test func refusesAnswersThatWouldNotFitTheMemory() async throws {
        let server = try TestServer(checkpoint: "bert-tiny", maxBodyBytes: 16 << 20)
        let reply = try await post(server, String(repeating: "a ", count: 5 << 20), as: nil)
        #expect(reply.status == 413)
        #expect(try reply.errorCode == "answer_too_large")
    }

    @Test func knowsItsStatesAndMethods() async throws {
        let loading = try await TestServer { _ in nil }.send(.post, "/tokenize", body: Array("a".utf8))
        #expect(loading.status == 503)
        let wrong = try await TestServer(checkpoint: "bert-tiny").send(.get, "/tokenize")
        #expect(wrong.status == 405)
        #expect(wrong.headers[.allow] == "OPTIONS, POST")
    }
}
