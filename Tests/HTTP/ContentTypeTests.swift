import HTTPTypes
import PenstockJSON
import Testing

@Suite struct ContentTypeTests {
    @Test(arguments: [
        "application/json", "text/json", "Application/JSON; Charset=UTF-8", "application/json ;charset=utf-8",
        "application/vnd.api+json", #"application/x+json; ext="a;b""#, "application/json; charset=UTF8; x=y",
        #"application/json; charset="utf-8""#, "application/json;",
    ])
    func isJSON(_ contentType: String) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await server.post(#"{"inputs": "a [MASK]", "parameters": {"top_k": 1}}"#, as: contentType)
        #expect(reply.status == 200)
        #expect(try reply.json.array?.count == 1)
    }

    @Test(arguments: [
        "nonsense", "json", "application/json;charset", "application/json, text/plain", "image/png", "", "/json",
        "application/json; charset=utf-16", "application/json; a=\"b", "application /json",
    ])
    func isRefused(_ contentType: String) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await server.post(#"{"inputs": "a [MASK]"}"#, as: contentType)
        #expect(reply.status == 415)
        #expect(try reply.errorCode == "unsupported_media_type")
    }

    @Test func isRefusedWhenGivenTwice() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        var headers: HTTPFields = [.contentType: "application/json"]
        headers.append(HTTPField(name: .contentType, value: "text/plain"))
        #expect(try await server.send(.post, "/", headers, body: Array(#"{"inputs": "a [MASK]"}"#.utf8)).status == 415)
    }

    @Test func isSaidForOtherEncodings() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await server.send(.post, "/", [.contentEncoding: "br"], body: [0x1F, 0x8B])
        #expect(reply.status == 415)
        #expect(reply.headers[.acceptEncoding] == "gzip, deflate, identity")
    }

    @Test(arguments: [
        (#"{"inputs": "a [MASK]", "parameters": {"top_k": 5}, "parameters": {"top_k": 1}}"#, 200),
        (#"{"inputs": "a [MASK]", "top_k": 1, "options": {"wait_for_model": true}}"#, 200),
        (#"{"inputs": "a [MASK]", "top_k": 1, "options": {"retry_on_error": false, "something": [1]}}"#, 200),
        (#"{"inputs": "a [MASK]", "top_k": 1, "options": null}"#, 200),
        (#"{"inputs": "a [MASK]", "options": true}"#, 422),
    ])
    func theLastParametersCountAndHostedOptionsAreAccepted(body: String, status: Int) async throws {
        let reply = try await TestServer(checkpoint: "bert-tiny").post(body, as: "application/json")
        #expect(reply.status == status)
        if status == 200 { #expect(try reply.json.array?.count == 1) }
    }

    @Test(arguments: [
        (#"{"inputs": "a [MASK]", "top_k": -1}"#, "not -1"), (#"{"inputs": "a [MASK]", "top_k": 1.5}"#, "not 1.5"),
        (#"{"inputs": "a [MASK]", "targets": ["the", 1]}"#, "targets[1] has to be a string, not 1"),
        (#"{"inputs": ["a", null]}"#, "inputs[1] has to be a text, not null"),
    ])
    func messagesNameTheValue(body: String, part: String) async throws {
        let reply = try await TestServer(checkpoint: "bert-tiny").post(body, as: "application/json")
        #expect(reply.status == 422)
        #expect(try reply.json["error"]?["message"]?.string?.contains(part) == true)
    }

    @Test(arguments: [
        ("bert-tiny", #"["a [MASK]", "no mask"]"#, "inputs[1]: No mask_token"),
        ("bert-tiny", #"["\#(long)", "[MASK]"]"#, "inputs[0]: the text has"),
        ("bert-sequence", #"["a", "b", "\#(long)"]"#, "inputs[2]: the text has"),
        ("st-mean", #"{"source_sentence": "a", "sentences": ["b", "\#(long)"]}"#, "inputs.sentences[1]: the text has"),
        ("st-mean", #"{"source_sentence": "\#(long)", "sentences": ["b"]}"#, "inputs.source_sentence: the text has"),
    ])
    func messagesNameTheElement(checkpoint: String, inputs: String, part: String) async throws {
        let parameters = checkpoint == "st-mean" ? #", "parameters": {"truncate": false}"# : ""
        let reply = try await TestServer(checkpoint: checkpoint).post(
            #"{"inputs": \#(inputs)\#(parameters)}"#, as: "application/json")
        #expect(reply.status == 422)
        #expect(try reply.json["error"]?["message"]?.string?.hasPrefix(part) == true)
    }

    private static let long = String(repeating: "the [MASK] ", count: 300)

    @Test func messagesAreShortWhateverIsSent() async throws {
        let key = String(repeating: "k", count: 50_000)
        let reply = try await TestServer(checkpoint: "bert-tiny").post(
            #"{"inputs": "a [MASK]", "\#(key)": 1}"#, as: "application/json")
        #expect(reply.status == 422)
        #expect(reply.bytes.count < 400)
    }
}
