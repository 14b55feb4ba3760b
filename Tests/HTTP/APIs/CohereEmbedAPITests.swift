import PenstockJSON
import Testing

/// `POST /v1/embed` and `/v2/embed` as Cohere has them.
@Suite struct CohereEmbedAPITests {
    private func server() throws -> TestServer { try TestServer(serving: ["st-prompts"]) }

    /// The embedding of a text as the pipeline gives it.
    private func embedding(_ server: TestServer, _ parameters: String) async throws -> String {
        try await WireSample(server: server).native("st-prompts", #""the cat""#, parameters)
            .written
    }

    @Test func answersAreThoseOfThePipelineByteForByte() async throws {
        let server = try server()
        let vector = try await embedding(server, #"{"prompt_name": "query"}"#)
        let meta = { (tokens: String) in
            #""meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":\#(tokens)},"#
                + #""tokens":{"input_tokens":\#(tokens)}}}"#
        }
        let byType = try await server.post(
            #"{"model":"m","texts":["the cat"],"input_type":"search_query","embedding_types":["float"]}"#,
            to: "/v2/embed", [.requestID: "1"])
        let tokens = try byType.json["meta"]?["tokens"]?["input_tokens"].written ?? ""
        #expect(
            byType.text == #"{"id":"1","response_type":"embeddings_by_type","embeddings":{"float":[\#(vector)]},"#
                + meta(tokens))
        let plain = try await server.post(
            #"{"texts":["the cat"],"input_type":"search_query"}"#, to: "/v1/embed", [.requestID: "1"])
        #expect(
            plain.text == #"{"id":"1","response_type":"embeddings_floats","embeddings":[\#(vector)],"# + meta(tokens))
    }

    @Test func whatTextsAreChoosesTheirPrompt() async throws {
        let server = try server()
        for (type, parameters) in [
            ("search_document", #"{"prompt_name": "document"}"#), ("classification", "{}"), ("CLUSTERING", "{}"),
        ] {
            let reply = try await server.post(
                #"{"texts": ["the cat"], "input_type": "\#(type)"}"#, to: "/v2/embed")
            let expected = try await embedding(server, parameters)
            #expect(try reply.json["embeddings"]?["float"]?.array?.first.written == expected)
        }
    }

    @Test func typesAndDimensionsCanBeChosen() async throws {
        let server = try server()
        let base64 = try await server.post(
            #"{"texts": ["the cat"], "embedding_types": ["base64"], "output_dimension": 3}"#, to: "/v1/embed")
        let expected = try await embedding(server, #"{"encoding_format": "base64", "truncate_dim": 3}"#)
        #expect(try base64.json["embeddings"].written == #"{"base64":[\#(expected)]}"#)
        for type in ["binary", "ubinary"] {
            let bits = try await server.post(
                #"{"texts": ["the cat"], "embedding_types": ["\#(type)"]}"#, to: "/v2/embed")
            let expected = try await embedding(server, #"{"precision": "\#(type)"}"#)
            #expect(try bits.json["embeddings"].written == #"{"\#(type)":[\#(expected)]}"#, "\(bits.text)")
        }
    }

    @Test func textsThatAreTooLongAreCutWhereTheClientSays() async throws {
        let server = try server()
        let long = String(repeating: "the cat ", count: 100) + "on"
        var answers: [String] = []
        for truncation in [#""END""#, #""START""#, "null"] {
            let reply = try await server.post(
                #"{"texts": ["\#(long)"], "truncate": \#(truncation)}"#, to: "/v2/embed")
            #expect(reply.status == 200)
            answers.append(try reply.json["embeddings"].written)
        }
        #expect(answers[0] == answers[2] && answers[0] != answers[1])
        let refused = try await server.post(#"{"texts": ["\#(long)"], "truncate": "NONE"}"#, to: "/v2/embed")
        #expect(refused.status == 400)
    }

    @Test(arguments: [
        (#"{}"#, "texts"), (#"{"texts": []}"#, "texts"), (#"{"texts": "a"}"#, "texts"),
        (#"{"texts": ["a"], "images": ["b"]}"#, "images"), (#"{"texts": ["a"], "inputs": []}"#, "inputs"),
        (#"{"texts": ["a"], "embedding_types": ["int8"]}"#, "embedding_types"),
        (#"{"texts": ["a"], "embedding_types": ["float", "base64"]}"#, "embedding_types"),
        (#"{"texts": ["a"], "input_type": "image"}"#, "input_type"),
        (#"{"texts": ["a"], "truncate": "MIDDLE"}"#, "truncate"),
        (#"{"texts": ["a"], "output_dimension": 0}"#, "output_dimension"),
    ])
    func errorsNameTheField(body: String, field: String) async throws {
        let reply = try await server().post(body, to: "/v2/embed")
        #expect(reply.status == 400)
        #expect(try reply.json["message"]?.string?.contains(field) == true)
        #expect(try reply.json["error"]?["param"]?.string == field)
    }
}
