import PenstockJSON
import Testing

/// `POST /score` as vLLM has it.
@Suite struct ScoreAPITests {
    private func server() throws -> TestServer { try TestServer(serving: ["ranking-bert"]) }

    @Test func scoresComeInTheOrderOfTheTexts() async throws {
        let server = try server()
        let ranks = try await WireSample(server: server).native(
            "ranking-bert", #"{"query": "the cat", "texts": ["on", "the cat"]}"#)
        func score(_ index: Int) throws -> String {
            try #require(ranks?.array?.first { $0["index"]?.integer == index })["score"].written
        }
        for path in ["/score", "/v1/score"] {
            let reply = try await server.post(
                #"{"model": "m", "text_1": "the cat", "text_2": ["on", "the cat"]}"#, to: path, [.requestID: "1"])
            #expect(try reply.keys() == ["id", "object", "created", "model", "data", "usage"])
            #expect(try reply.json["id"]?.string == "score-1")
            #expect(
                try reply.json["data"].written == #"[{"index":0,"object":"score","score":\#(score(0))},"#
                    + #"{"index":1,"object":"score","score":\#(score(1))}]"#)
        }
    }

    @Test func pairsAreScoredAsIfAlone() async throws {
        let server = try server()
        let pairs = try await server.post(
            #"{"text_1": ["the cat", "on"], "text_2": ["on", "a"]}"#, to: "/score"
        ).json
        for (index, body) in [
            #"{"text_1": "the cat", "text_2": "on"}"#, #"{"text_1": ["on"], "text_2": ["a"]}"#,
        ].enumerated() {
            let alone = try await server.post(body, to: "/score").json
            #expect(pairs["data"]?.array?[index]["score"] == alone["data"]?.array?.first?["score"])
        }
    }

    @Test(arguments: [
        (#"{"text_1": "a"}"#, "text_2"), (#"{"text_1": [], "text_2": "a"}"#, "text_1"),
        (#"{"text_1": ["a", "b"], "text_2": ["a", "b", "c"]}"#, "text_2"),
        (#"{"text_1": 3, "text_2": "a"}"#, "text_1"),
    ])
    func errorsNameTheField(body: String, field: String) async throws {
        let reply = try await server().post(body, to: "/score")
        #expect(reply.status == 400)
        #expect(try reply.json["error"]?["param"]?.string == field)
    }
}
