import HTTPTypes
import PenstockJSON
import PenstockTestSupport
import Testing

/// `POST /rerank` and its other names, in the forms of those who call it.
@Suite struct RerankAPITests {
    private static let paths = ["/rerank", "/v1/rerank", "/v2/rerank", "/reranking", "/v1/reranking"]
    private static let texts = #"["on", "the cat", "a cat"]"#

    private func server() throws -> TestServer { try TestServer(serving: ["st-mean", "ranking-bert"]) }

    /// The scores of the texts, the best first.
    private func scores(_ server: TestServer, _ function: String = "sigmoid") async throws -> JSONValue? {
        try await WireSample(server: server).native(
            "ranking-bert", #"{"query": "the cat", "texts": \#(Self.texts)}"#,
            #"{"function_to_apply": "\#(function)"}"#)
    }

    /// LangChain's request, and an answer for the clients of Cohere, Jina and vLLM.
    @Test(arguments: paths) func resultsByteForByte(path: String) async throws {
        let server = try server()
        let tokens = try await server.post(
            #"{"query": "the cat", "texts": \#(Self.texts)}"#, to: "/rerank"
        ).headers[try #require(HTTPField.Name("x-compute-tokens"))]
        let count = try #require(tokens)
        let results = try WireSample.list(await scores(server)) {
            #"{"index":\#($0["index"].written),"relevance_score":\#($0["score"].written)}"#
        }
        let reply = try await server.post(
            #"{"model":"ranking-bert","query":"the cat","documents":\#(Self.texts),"top_n":3,"max_tokens_per_doc":null}"#,
            to: path, [.requestID: "1"])
        #expect(
            reply.text == #"{"id":"1","model":"ranking-bert","results":"# + results
                + #","usage":{"prompt_tokens":\#(count),"total_tokens":\#(count)},"meta":{"api_version":{"version":"2"},"#
                + #""billed_units":{"search_units":1},"tokens":{"input_tokens":\#(count)}}}"#)
        #expect(reply.headers[.contentType] == "application/json")
    }

    /// What LlamaIndex sends to Text Embeddings Inference, and `litellm`.
    @Test(arguments: [
        #"{"query":"the cat","texts":TEXTS}"#,
        #"{"raw_scores":false,"truncation_direction":"Right","query":"the cat","texts":TEXTS,"return_text":null}"#,
    ])
    func ranksByteForByte(body: String) async throws {
        let server = try server()
        let ranks = try WireSample.list(await scores(server)) {
            #"{"index":\#($0["index"].written),"score":\#($0["score"].written)}"#
        }
        for path in Self.paths {
            let reply = try await server.post(body.replacing("TEXTS", with: Self.texts), to: path)
            #expect(reply.text == ranks)
        }
    }

    /// Dify does without an answer that has no texts.
    @Test func textsComeAlongIfTheyAreAskedFor() async throws {
        let server = try server()
        let raw = try await scores(server, "none")
        let ranks = try await server.post(
            #"{"query": "the cat", "texts": \#(Self.texts), "return_text": true, "raw_scores": true, "top_n": 1}"#,
            to: "/rerank")
        let best = try #require(raw?.array?.first)
        let text = try #require(best["index"]?.integer.map { ["on", "the cat", "a cat"][$0] })
        #expect(
            ranks.text == #"[{"index":\#(best["index"].written),"text":"\#(text)","score":\#(best["score"].written)}]"#)
        let results = try await server.post(
            #"{"query": {"text": "the cat"}, "documents": \#(Self.texts), "return_documents": true, "top_n": 99}"#,
            to: "/v1/rerank"
        ).json["results"]?.array
        #expect(results?.map { $0["document"]?["text"]?.string }.count == 3)
        #expect(results?.first?["document"]?["text"]?.string == text)
    }

    @Test(arguments: [
        #"[{"text": "on"}, {"text": "the cat"}, "a cat"]"#,
        #"[{"title": "on"}, {"title": "the cat"}, "a cat"], "rank_fields": ["title"]"#,
    ])
    func documentsMayBeObjects(documents: String) async throws {
        let server = try server()
        let expected = try await scores(server)?.array?.map { $0["score"] }
        let reply = try await server.post(#"{"query": "the cat", "documents": \#(documents)}"#, to: "/v2/rerank")
        #expect(try reply.json["results"]?.array?.map { $0["relevance_score"] } == expected)
    }

    @Test func severalFieldsAreRankedWithTheirNames() async throws {
        let server = try server()
        let document = #"{"title": "on", "text": "the cat", "year": 3}"#
        let fields = try await server.post(
            #"{"query": "a", "documents": [\#(document)], "rank_fields": ["title", "text", "none"]}"#, to: "/v1/rerank")
        let text = try await server.post(
            #"{"query": "a", "documents": ["title: on\ntext: the cat"]}"#, to: "/v1/rerank")
        #expect(try fields.json["results"] == text.json["results"])
    }

    /// A name that is repeated would have a text read as often, and grow it beyond all memory.
    @Test func eachFieldIsRankedOnce() async throws {
        let server = try server()
        func results(_ fields: String) async throws -> JSONValue? {
            let document = #"{"text": "the cat", "title": "on", "text": "a cat"}"#
            return try await server.post(
                #"{"query": "a", "documents": [\#(document)], "rank_fields": [\#(fields)]}"#, to: "/v1/rerank"
            ).json["results"]
        }
        let once = try await results(#""title", "text""#)
        #expect(once?.array?.count == 1)
        #expect(try await results(#""title", "text", "title", "text", "text""#) == once)
    }

    /// Names times fields would be a billion comparisons.
    @Test func manyFieldsAndNamesTakeLittleTime() async throws {
        let server = try server()
        let names = (0..<30_000).map { #""n\#($0)""# }.joined(separator: ",")
        let fields = (0..<30_000).map { #""f\#($0)":"""# }.joined(separator: ",")
        let reply = try await server.post(
            #"{"query": "a", "documents": [{\#(fields),"n7":"the cat"}], "rank_fields": [\#(names)]}"#, to: "/v1/rerank"
        )
        #expect(reply.status == 200)
    }

    @Test func thousandDocumentsAreAnsweredWhole() async throws {
        let server = try server()
        let texts = (0..<1000).map { #""the cat \#($0)""# }.joined(separator: ",")
        let reply = try await server.post(#"{"query": "the cat", "documents": [\#(texts)]}"#, to: "/v2/rerank")
        let results = try #require(try reply.json["results"]?.array)
        #expect(Set(results.compactMap { $0["index"]?.integer }) == Set(0..<1000))
        let scores = results.compactMap { $0["relevance_score"]?.double }
        #expect(scores == scores.sorted(by: >))
        #expect(scores.allSatisfy { (0...1).contains($0) })
        #expect(try reply.json["meta"]?["billed_units"]?["search_units"]?.integer == 10)
    }

    @Test func truncationCanBeShorterAndIsRefusedIfNobodyWantsIt() async throws {
        let server = try server()
        let long = String(repeating: "the cat ", count: 100)
        let cut = try await server.post(
            #"{"query": "on", "documents": ["\#(long)"], "truncate_prompt_tokens": 8}"#, to: "/rerank")
        #expect(try cut.json["usage"]?["total_tokens"]?.integer == 8)
        let most = try await server.post(
            #"{"query": "on", "documents": ["\#(long)"], "truncate_prompt_tokens": -1}"#, to: "/rerank")
        #expect(most.status == 200)
        let whole = try await server.post(
            #"{"query": "on", "texts": ["\#(long)"], "truncate": false}"#, to: "/rerank")
        #expect(whole.status == 422)
    }

    @Test(
        arguments: [
            (#"{"query": "a"}"#, "documents"), (#"{"documents": ["a"]}"#, "query"),
            (#"{"query": "a", "documents": []}"#, "documents"), (#"{"query": "", "documents": ["a"]}"#, "query"),
            (#"{"query": 3, "documents": ["a"]}"#, "query"), (#"{"query": "a", "documents": "b"}"#, "documents"),
            (#"{"query": "a", "documents": [3]}"#, "documents"),
            (#"{"query": "a", "documents": [{"title": "b"}]}"#, "documents"),
            (#"{"query": "a", "documents": ["b"], "top_n": 0}"#, "top_n"),
            (#"{"query": "a", "documents": ["b"], "top_n": "2"}"#, "top_n"),
            (#"{"query": "a", "documents": ["b"], "return_documents": 1}"#, "return_documents"),
            (#"{"query": "a", "documents": ["b"], "truncate_prompt_tokens": -2}"#, "truncate_prompt_tokens"),
        ] as [(String, String)])
    func errorsAreThoseOfAllClients(body: String, field: String) async throws {
        let reply = try await server().post(body, to: "/v1/rerank")
        #expect(reply.status == 400)
        #expect(try reply.keys() == ["message", "detail", "error"])
        let message = try #require(try reply.json["message"]?.string)
        #expect(message.contains(field))
        #expect(try reply.json["detail"]?.string == message)
        #expect(try reply.json["error"]?["message"]?.string == message)
        #expect(try reply.json["error"]?["param"]?.string == field)
    }

    @Test func errorsOfTextsAreThoseOfTextEmbeddingsInference() async throws {
        let server = try server()
        for (body, status, error) in [
            (#"{"query": "a", "texts": []}"#, 400, #"{"error":"texts is an empty list","error_type":"Empty"}"#),
            (
                #"{"query": "a", "texts": [3]}"#, 422,
                #"{"error":"texts[0] has to be a string, not a number","error_type":"Validation"}"#
            ),
            (
                #"{"query": "a", "texts": ["b"], "model": "st-mean"}"#, 424,
                #"{"error":"model is not a re-ranker model: st-mean is loaded for sentence-similarity, feature-extraction","#
                    + #""error_type":"Backend"}"#
            ),
        ] {
            let reply = try await server.post(body, to: "/rerank")
            #expect(reply.status == status)
            #expect(reply.text == error)
        }
    }
}
