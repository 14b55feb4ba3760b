import PenstockHTTP
import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

/// What a request may ask for is bounded before it is computed.
@Suite struct AnswerSizeTests {
    private static func list(_ text: String, _ count: Int) -> String {
        "[" + Array(repeating: "\"\(text)\"", count: count).joined(separator: ",") + "]"
    }

    @Test func manyCandidatesOfLongTextsAreRefused() async throws {
        let server = try TestServer(checkpoint: "bert-tiny", maxBodyBytes: 1 << 22)
        let masks = String(repeating: "[MASK] ", count: 20)
        let body = #"{"inputs": \#(Self.list(masks, 2000)), "parameters": {"top_k": 60}}"#
        let reply = try await server.post(body, as: "application/json")
        #expect(reply.status == 413)
        #expect(try reply.errorCode == "answer_too_large")
    }

    @Test func manyEmbeddingsAreRefused() async throws {
        let server = try TestServer(checkpoint: "st-mean", maxBodyBytes: 1 << 22)
        let reply = try await server.post(
            #"{"inputs": \#(Self.list("a", 300_000))}"#, as: "application/json")
        #expect(reply.status == 413)
        #expect(try reply.errorCode == "answer_too_large")
    }

    @Test func aLongPromptIsRefused() async throws {
        let server = try TestServer(checkpoint: "st-prompts", maxBodyBytes: 1 << 22)
        let prompt = String(repeating: "word ", count: 2000)
        let reply = try await server.post(
            #"{"inputs": ["a"], "parameters": {"prompt": "\#(prompt)"}}"#, as: "application/json")
        #expect(reply.status == 422)
        #expect(try reply.json["error"]?["message"]?.string?.contains("8192") == true)
    }

    /// A body of JSON takes much more memory decoded, and a text that is empty is answered all the same.
    @Test func whatBodiesBecomeCountsAgainstTheMemory() async throws {
        let server = try TestServer(checkpoint: "bert-tiny", maxInFlightBytes: 1 << 20)
        let nested = "[" + Array(repeating: "[0]", count: 9000).joined(separator: ",") + "]"
        let values = try await server.post(#"{"inputs": "a [MASK]", "x": \#(nested)}"#, as: "application/json")
        #expect(values.status == 413)
        #expect(values.headers[.retryAfter] == nil)
        let empty = #"{"inputs": \#(Self.list("", 6000))}"#
        let tokens = try await server.send(
            .post, "/models/bert-tiny/tokenize", [.contentType: "application/json"], body: Array(empty.utf8))
        #expect(tokens.status == 413)
        #expect(try await server.post("a [MASK]").status == 200)
    }

    /// An unread answer keeps its place in the memory, and gives it back when it is dropped.
    @Test func answersShareTheMemoryThereIs() async throws {
        let body = #"{"inputs": \#(Self.list("the cat sat on the mat", 200))}"#
        let server = try TestServer(
            checkpoint: "bert-tiny", task: "feature-extraction", maxInFlightBytes: 2 << 20)
        #expect(try await server.post(body, as: "application/json").status == 200)
        // The memory of the answer before is given back a moment after its last byte.
        var unread = try await server.unread(body, as: "application/json")
        while unread.status != .ok { unread = try await server.unread(body, as: "application/json") }
        let refused = try await server.post(body, as: "application/json")
        #expect(refused.status == 503)
        #expect(refused.headers[.retryAfter] != nil)
        #expect(try await server.post("the cat").status == 200)
        _ = consume unread
        while try await server.post(body, as: "application/json").status != 200 {}
    }
}
