import HTTPTypes
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Models by their names in paths.
@Suite struct ModelPathTests {
    private static let names = ["first", "google-bert/bert-base", "sauté", "tokenize"]

    private static func server() throws -> TestServer {
        try TestServer { server in
            let pipeline = try JSONPipeline(directory: Fixtures.checkpoint("bert-tiny"), task: nil)
            return try names.map {
                try ServedModel(
                    pipeline, named: $0, .patient(), on: server.store.scheduler, metrics: server.registry)
            }
        }
    }

    @Test(arguments: [
        ("/models/first", "first"), ("/models/first/", "first"), ("/models/%66irst", "first"),
        ("/models/google-bert/bert-base", "google-bert/bert-base"),
        ("/models/google-bert%2Fbert-base", "google-bert/bert-base"),
        ("/models/google-bert%2fbert-base/", "google-bert/bert-base"), ("/models/saut%C3%A9", "sauté"),
        ("/models/tokenize", "tokenize"),
    ])
    func areFound(path: String, name: String) async throws {
        let server = try Self.server()
        let info = try await server.send(.get, path)
        #expect(info.status == 200)
        #expect(try info.json["model"]?.string == name)
        let answer = try await server.send(.post, path, body: Array("a [MASK]".utf8))
        #expect(answer.status == 200)
        #expect(try answer.json.array?.count == 5)
        let tokens = try await server.send(.post, "\(path.last == "/" ? path : "\(path)/")tokenize", body: [0x61])
        #expect(tokens.status == 200)
        #expect(try tokens.json["ids"]?.array?.count == 3)
        let metrics = String(decoding: try await server.send(.get, "/metrics").bytes, as: UTF8.self)
        #expect(metrics.contains(#"penstock_requests_total{model="\#(name)",outcome="ok"} 3"#))
    }

    /// A path that ends as those of OpenAI's API names the model before that.
    @Test(arguments: ["first", "google-bert/bert-base", "google-bert%2Fbert-base"])
    func areFoundBeforeRoutesOfOpenAI(name: String) async throws {
        for ending in ["v1/completions", "v1/chat/completions"] {
            let reply = try await Self.server().post("{}", to: "/models/\(name)/\(ending)")
            #expect(try reply.openAIError().status == 400, "\(ending)")
            let body = #"{"prompt": "a", "messages": [{"role": "user", "content": "a"}]}"#
            let found = try await Self.server().post(body, to: "/models/\(name)/\(ending)").openAIError()
            #expect(found.code == "unsupported_task")
            let unknown = try await Self.server().post(body, to: "/models/x\(name)/\(ending)").openAIError()
            #expect(unknown.status == 404 && unknown.code == "model_not_found")
        }
    }

    @Test(arguments: [
        ("/models/second", "model_not_found"), ("/models/google-bert", "model_not_found"),
        ("/models/google-bert/bert-base/x", "not_found"), ("/models/First", "model_not_found"),
        ("/models/first%", "not_found"), ("/models/first%2", "not_found"), ("/models/%zzfirst", "not_found"),
        ("/models/%+1first", "not_found"), ("/models/%FFfirst", "not_found"), ("/models/%C3/%A9", "not_found"),
        ("/models/first%00", "model_not_found"), ("/models/google-bert%252Fbert-base", "model_not_found"),
        ("/%zz", "not_found"),
    ])
    func areNotFound(path: String, code: String) async throws {
        let server = try Self.server()
        for (method, ending) in [(HTTPRequest.Method.get, ""), (.post, ""), (.post, "/tokenize")] {
            let reply = try await server.send(method, path + ending, body: Array("a [MASK]".utf8))
            #expect(reply.status == 404, "\(method) \(path)\(ending)")
            #expect(try reply.errorCode == code, "\(method) \(path)\(ending)")
        }
    }

    @Test func methodsAreThoseOfTheNearestRoute() async throws {
        let server = try Self.server()
        for (path, allowed) in [
            ("/models/first", "GET, HEAD, OPTIONS, POST"),
            ("/models/google-bert/bert-base", "GET, HEAD, OPTIONS, POST"),
            ("/models/first/tokenize", "OPTIONS, POST"), ("/models/google-bert/bert-base/tokenize", "OPTIONS, POST"),
        ] {
            let reply = try await server.send(.delete, path)
            #expect(reply.status == 405, "\(path)")
            #expect(reply.headers[.allow] == allowed, "\(path)")
        }
        #expect(try await server.send(.get, "/models/first/tokenize").status == 405)
    }
}
