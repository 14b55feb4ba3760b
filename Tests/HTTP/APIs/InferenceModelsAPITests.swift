import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// The server and its models, as the Open Inference Protocol tells of them, and the routes of KServe.
@Suite struct InferenceModelsAPITests {
    private static func server() throws -> TestServer {
        try TestServer { server in
            try [("labels", "bert-sequence"), ("org/ranker", "ranking-bert")].map { name, checkpoint in
                try ModelSource(name: name, directory: Fixtures.checkpoint(checkpoint), serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            }
        }
    }

    @Test func theServerSaysWhatItIs() async throws {
        let server = try Self.server()
        #expect(
            try await server.send(.get, "/v2").text
                == #"{"name":"penstock","version":"\#(PenstockVersion.current)","extensions":["#
                + #""binary_tensor_data","model_configuration","statistics"]}"#)
        #expect(try await server.send(.get, "/v2/health/live").text == #"{"live":true}"#)
        #expect(try await server.send(.get, "/v2/health/ready").text == #"{"ready":true}"#)
        #expect(try await server.send(.get, "/v2/models").text == #"{"models":["labels","org/ranker"]}"#)
        #expect(try await server.send(.head, "/v2/health/live").status == 200)
        #expect(try await server.send(.get, "/").text == #"{"status":"alive"}"#)
    }

    @Test func nothingIsReadyBeforeAModelIs() async throws {
        let server = try TestServer { _ in nil }
        #expect(try await server.send(.get, "/v2/health/live").status == 200)
        let ready = try await server.send(.get, "/v2/health/ready")
        #expect(ready.status == 503)
        #expect(ready.text == #"{"ready":false}"#)
        #expect(try await server.send(.get, "/").status == 503)
        let model = try await server.send(.get, "/v2/models/late/ready")
        #expect(model.status == 503)
        #expect(try model.keys() == ["error"])
        #expect(
            try await server.send(.post, "/v2/repository/index").text
                == #"[{"name":"late","version":"1","state":"LOADING","reason":""}]"#)
    }

    @Test(arguments: ["/v2/models/labels", "/v2/models/labels/versions/1", "/v2/models/%6Cabels/versions/1/"])
    func aModelSaysWhatItTakes(path: String) async throws {
        let reply = try await Self.server().send(.get, path)
        #expect(
            reply.text == #"{"name":"labels","versions":["1"],"platform":"penstock","inputs":["#
                + #"{"name":"text","datatype":"BYTES","shape":[-1]},{"name":"text_pair","datatype":"BYTES","shape":[-1]}],"#
                + #""outputs":[{"name":"label","datatype":"BYTES","shape":[-1,-1]},"#
                + #"{"name":"score","datatype":"FP32","shape":[-1,-1]}]}"#)
    }

    @Test(arguments: ["/v2/models/org/ranker", "/v2/models/org%2Franker", "/v2/models/org/ranker/versions/1"])
    func namesWithASlash(path: String) async throws {
        let server = try Self.server()
        #expect(try await server.send(.get, path).json["name"]?.string == "org/ranker")
        #expect(try await server.send(.get, "\(path)/ready").text == #"{"name":"org/ranker","ready":true}"#)
        let configuration = try await server.send(.get, "\(path)/config")
        #expect(
            configuration.text
                == #"{"name":"org/ranker","platform":"","backend":"penstock","max_batch_size":0,"input":["#
                + #"{"name":"text","data_type":"TYPE_STRING","dims":[-1]},"#
                + #"{"name":"text_pair","data_type":"TYPE_STRING","dims":[-1]}],"output":["#
                + #"{"name":"label","data_type":"TYPE_STRING","dims":[-1,-1]},"#
                + #"{"name":"score","data_type":"TYPE_FP32","dims":[-1,-1]}]}"#)
        // Its first task is that of a classifier; its second is known by the names of the inputs.
        let infer = try await server.post(
            #"{"inputs":[{"name":"query","shape":[1],"datatype":"BYTES","data":["a"]},"#
                + #"{"name":"texts","shape":[1],"datatype":"BYTES","data":["b"]}]}"#, to: "\(path)/infer")
        #expect(infer.status == 200)
        #expect(try infer.json["model_name"]?.string == "org/ranker")
        let metrics = try await server.send(.get, "/metrics").text
        #expect(metrics.contains(#"penstock_requests_total{model="org/ranker",outcome="ok"} 4"#))
    }

    @Test(arguments: [
        ("/v2/models/none", 404), ("/v2/models/labels/versions/2", 404), ("/v2/models/labels/versions/2/ready", 404),
        ("/v2/models/labels/versions/2/infer", 404), ("/v2/models/org/ranker/versions/x/infer", 404),
        ("/v2/models/labels/infer", 400), ("/v2/none", 404), ("/v2/models/%zz/infer", 404),
        ("/v1/models/labels", 404), ("/v1/models/labels:explain", 404), ("/v1/models/none:predict", 404),
    ])
    func errorsAreTexts(path: String, status: Int) async throws {
        let method: HTTPRequest.Method = path.hasPrefix("/v1") || path.hasSuffix("/infer") ? .post : .get
        let reply = try await Self.server().send(method, path)
        #expect(reply.status == status)
        #expect(try reply.keys() == ["error"])
        #expect(try reply.json["error"]?.string?.isEmpty == false)
    }

    @Test func requestsAreCounted() async throws {
        let server = try Self.server()
        for text in [#"["a"]"#, #"["b"]"#, "[3]"] {
            let body = #"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":\#(text)}]}"#
            _ = try await server.post(body, to: "/v2/models/labels/infer")
        }
        let reply = try await server.send(.get, "/v2/models/labels/stats")
        let model = try reply.json["model_stats"]?.array?.first
        #expect(model?["name"]?.string == "labels" && model?["version"]?.string == "1")
        #expect(model?["inference_count"]?.integer == 2)
        let stats = model?["inference_stats"]
        #expect(stats?["success"]?["count"]?.integer == 2 && stats?["fail"]?["count"]?.integer == 1)
        #expect(stats?["compute_input"]?["count"]?.integer == 2)
        #expect(try #require(stats?["compute_infer"]?["ns"]?.integer) > 0)
        let all = try await server.send(.get, "/v2/models/stats").json["model_stats"]?.array
        #expect(all?.map { $0["name"]?.string } == ["labels", "org/ranker"])
    }

    // MARK: The first protocol

    @Test(arguments: ["/v1/models/labels:predict", "/v1/models/labels%3Apredict"])
    func predictionsAreOnePerInstance(path: String) async throws {
        let server = try Self.server()
        let native = try await WireSample(server: server).native("labels", #"["the cat", "on"]"#)
        for body in [
            #"{"instances": ["the cat", "on"]}"#, #"{"inputs": ["the cat", "on"]}"#,
            #"{"instances": [{"inputs": "the cat"}, {"text": "on"}]}"#,
        ] {
            let reply = try await server.send(.post, path, body: Array(body.utf8))
            #expect(reply.status == 200)
            #expect(reply.text == #"{"predictions":\#(native.written)}"#)
        }
        let one = try await server.send(.post, path, body: Array(#"{"inputs": "the cat"}"#.utf8))
        #expect(try one.json["predictions"]?.array == native?.array.map { [$0[0]] })
        let wrong = try await server.send(.post, path, body: Array(#"{"instances": []}"#.utf8))
        #expect(wrong.status == 400)
        #expect(try wrong.keys() == ["error"])
    }

    /// KServe puts the routes of OpenAI behind a name of its own.
    @Test func routesOfOpenAIHaveAnotherName() async throws {
        let server = try TestServer(serving: ["st-mean"])
        for path in ["/v1/models", "/v1/models/st-mean"] {
            #expect(try await server.send(.get, "/openai\(path)").bytes == server.send(.get, path).bytes)
        }
        let body = #"{"model": "st-mean", "input": "the cat"}"#
        let reply = try await server.post(body, to: "/openai/v1/embeddings")
        #expect(try await reply.bytes == server.post(body, to: "/v1/embeddings").bytes)
        let none = try await server.send(.get, "/openai/v1/models/none")
        #expect(try none.errorCode == "model_not_found")
    }

    // MARK: The repository

    @Test func theRepositoryIsThatOfAdministrators() async throws {
        let server = try TestServer(
            keys: KeyStore(["user"], administrator: "boss"),
            change: {
                $0.modelSource = { (wish) throws(ModelRefusal) in
                    guard wish.model != "nothing" else { throw ModelRefusal(.missing, "there is none") }
                    return ModelSource(
                        name: wish.name, directory: Fixtures.checkpoint(wish.model), serving: .patient())
                }
            }
        ) { server in
            [
                try ModelSource(name: "labels", directory: Fixtures.checkpoint("bert-sequence"), serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            ]
        }
        let loading = Task { [store = server.store] in await store.loadAsNeeded { _ in } }
        defer { loading.cancel() }
        func post(_ path: String, _ body: String = "{}", key: String = "boss") async throws -> TestServer.Reply {
            try await server.send(
                .post, "/v2/repository/\(path)", [.authorization: "Bearer \(key)"], body: Array(body.utf8))
        }
        #expect(try await post("models/labels/load", key: "user").status == 403)
        #expect(try await server.send(.get, "/v2", [.authorization: "Bearer user"]).text.contains("model_repository"))

        // One that is there, one that has its name from the Hub, and one that is described.
        let there = #"{"name":"labels","version":"1","state":"READY","reason":""}"#
        #expect(try await post("models/labels/load").text == there)
        let tiny = #"{"name":"bert-tiny","version":"1","state":"READY","reason":""}"#
        #expect(try await post("models/bert-tiny/load").text == tiny)
        let other = try await post("models/org/masks/load", #"{"parameters":{"model":"bert-tiny"}}"#)
        #expect(other.text == #"{"name":"org/masks","version":"1","state":"READY","reason":""}"#)
        #expect(
            try await server.post(
                #"{"inputs":"a [MASK]"}"#, to: "/models/org/masks", [.authorization: "Bearer user"]
            ).status == 200)
        let index = try await post("index", "", key: "user")
        #expect(index.text == "[\(there),\(tiny),\(other.text)]")
        #expect(try await post("index", #"{"ready":true}"#, key: "user").bytes == index.bytes)

        let gone = try await post("models/bert-tiny/unload", #"{"parameters":{"unload_dependents":false}}"#)
        #expect(gone.text == #"{"name":"bert-tiny","version":"1","state":"UNAVAILABLE","reason":""}"#)
        for (path, body, status) in [
            ("models/bert-tiny/unload", "{}", 404), ("models/nothing/load", "{}", 404),
            ("models/new/load", #"{"parameters":{"config":"{}"}}"#, 400),
        ] {
            let reply = try await post(path, body)
            #expect(reply.status == status)
            #expect(try reply.keys() == ["error"])
        }
    }

    @Test func nobodyLoadsModelsWithoutAnAdministrator() async throws {
        let server = try Self.server()
        #expect(try await server.send(.post, "/v2/repository/models/labels/load").status == 404)
        #expect(try await server.send(.post, "/v2/repository/models/labels/unload").status == 404)
    }
}
