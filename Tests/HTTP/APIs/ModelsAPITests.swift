import HTTPTypes
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// `GET /v1/models`.
@Suite struct ModelsAPITests {
    private func server() throws -> TestServer {
        try TestServer { server in
            let pipeline = try JSONPipeline(directory: Fixtures.checkpoint("bert-tiny"))
            return try ["first", "org/name"].map {
                try ServedModel(pipeline, named: $0, .patient(), on: server.store.scheduler, metrics: server.registry)
            }
        }
    }

    @Test func listsAllModels() async throws {
        let list = try await server().send(.get, "/v1/models").json
        #expect(list["object"]?.string == "list")
        let data = try #require(list["data"]?.array)
        #expect(data.map { $0["id"]?.string } == ["first", "org/name"])
        #expect(data.allSatisfy { $0["object"]?.string == "model" && $0["owned_by"]?.string == "penstock" })
        #expect(data.allSatisfy { ($0["created"]?.integer ?? 0) > 1_700_000_000 })
        // What KServe's and Anthropic's clients look for.
        #expect(list["models"] == .array([.string("first"), .string("org/name")]))
        #expect(list["has_more"]?.bool == false)
        #expect(list["first_id"]?.string == "first")
        #expect(list["last_id"]?.string == "org/name")
    }

    @Test func listsModelsOnTheirWay() async throws {
        let list = try await TestServer { _ in nil }.send(.get, "/v1/models").json
        #expect(list["data"]?.array?.map { $0["id"]?.string } == ["late"])
        let model = try await TestServer { _ in nil }.send(.get, "/v1/models/late")
        #expect(model.status == 503)
    }

    /// `openai` 3 escapes the slash of a name, older ones do not.
    @Test(arguments: [
        ("/v1/models/first", "first"), ("/v1/models/org/name", "org/name"), ("/v1/models/org%2Fname", "org/name"),
        ("/v1/models/org%2fname/", "org/name"),
    ])
    func aModelIsFound(path: String, name: String) async throws {
        let reply = try await server().send(.get, path)
        #expect(reply.status == 200)
        let model = try reply.json
        #expect(
            model.object?.entries.map(\.key)
                == ["id", "object", "created", "owned_by", "type", "max_model_len", "name", "ready"])
        #expect(model["id"]?.string == name)
        #expect(model["max_model_len"]?.integer ?? 0 > 0)
        #expect(model["ready"]?.bool == true)
    }

    @Test func anUnknownModelIsToldInOpenAIsForm() async throws {
        let reply = try await server().send(.get, "/v1/models/second")
        #expect(reply.status == 404)
        #expect(
            reply.text
                == #"{"error":{"message":"there is no model of this name; GET /models lists those there are","#
                + #""type":"invalid_request_error","param":null,"code":"model_not_found"}}"#)
    }
}
