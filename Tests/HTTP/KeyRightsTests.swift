import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// What the owner of a key may do.
@Suite struct KeyRightsTests {
    private static func bearer(_ key: String) -> HTTPFields { [.authorization: "Bearer \(key)"] }

    /// A server of two models, `first` and `second`.
    private static func server(
        _ keys: String, isForOperators: Bool? = nil, metrics: [CompatibleMetrics] = []
    ) throws -> TestServer {
        let file = try KeyFile(keys)
        return try TestServer(
            keys: file.store(), isForOperators: isForOperators, change: { $0.metricsCompatibility = metrics }
        ) { server in
            try ["first", "second"].map { name in
                let pipeline = try JSONPipeline(directory: Fixtures.checkpoint("bert-tiny"))
                return try ServedModel(
                    pipeline, named: name, .patient(), on: server.store.scheduler, metrics: server.registry)
            }
        }
    }

    @Test func aKeyIsForTheModelsThatItNames() async throws {
        let server = try Self.server(
            #"{"keys": [{"name": "a", "key": "one", "models": ["second"]}, {"name": "b", "key": "all"}, {"name": "c", "key": "none", "models": []}]}"#
        )
        let body = Array("a [MASK]".utf8)
        for (key, path, status) in [
            ("one", "/models/second", 200), ("one", "/models/first", 403), ("one", "/", 403),
            ("one", "/models/third", 403),
            ("one", "/models/second/tokenize", 200), ("one", "/models/first/tokenize", 403), ("one", "/tokenize", 403),
            ("all", "/", 200), ("all", "/models/second", 200), ("all", "/models/third", 404),
            ("none", "/models/second", 403),
        ] {
            let reply = try await server.send(.post, path, Self.bearer(key), body: body)
            #expect(reply.status == status, "\(key) \(path)")
            if status == 403 {
                #expect(try reply.errorCode == "model_forbidden")
                let name = path.split(separator: "/").dropFirst().first ?? "first"
                #expect(try reply.json["error"]?["message"]?.string?.contains("the model \(name)") == true)
            }
        }
        #expect(try await server.send(.get, "/info", Self.bearer("one")).status == 403)
        #expect(try await server.send(.get, "/models/second", Self.bearer("one")).status == 200)
        for (key, names) in [("one", ["second"]), ("all", ["first", "second"]), ("none", [])] {
            let list = try await server.send(.get, "/models", Self.bearer(key)).json["models"]?.array ?? []
            #expect(list.compactMap { $0["name"]?.string } == names)
        }
    }

    @Test func aKeyForOneModelIsForThatWhateverNameTheBodyHas() async throws {
        let server = try Self.server(#"{"keys": [{"name": "a", "key": "one", "models": ["second"]}]}"#)
        for body in [#"{"inputs": "a"}"#, #"{"inputs": "a", "model": "gpt-4"}"#] {
            #expect(try await server.post(body, to: "/tokenize", Self.bearer("one")).status == 200)
        }
        // Another model is none that answers to any name.
        for (path, body) in [
            ("/tokenize", #"{"inputs": "a", "model": "first"}"#),
            ("/detokenize", #"{"tokens": [1], "model": "first"}"#),
        ] {
            let refused = try await server.post(body, to: path, Self.bearer("one"))
            #expect(refused.status == 403, "\(path)")
            #expect(refused.text.contains("the model first"))
        }
        // Of a model that it may not use it hears nothing.
        let refused = try await server.post(#"{"inputs": "a"}"#, to: "/embed", Self.bearer("one"))
        #expect(refused.status == 424)
        #expect(!refused.text.contains("first"))
    }

    @Test func aKeySeesTheMetricsOfItsModels() async throws {
        let keys =
            #"{"keys": [{"name": "a", "key": "one", "models": ["second"]}, {"name": "b", "key": "all"}, {"name": "c", "key": "none", "models": []}]}"#
        let server = try Self.server(keys, metrics: [.vllm, .tei])
        for name in ["first", "second"] {
            let path = "/models/\(name)"
            #expect(try await server.send(.post, path, Self.bearer("all"), body: Array("a [MASK]".utf8)).status == 200)
        }
        for (key, names) in [("one", ["second"]), ("all", ["first", "second"]), ("none", [])] {
            let samples = try PrometheusParser(try await server.send(.get, "/metrics", Self.bearer(key)).text).samples
            for prefix in ["penstock_", "vllm:", "te_"] {
                let labels = samples.filter { $0.name.hasPrefix(prefix) }.map(\.labels)
                #expect(Set(labels.compactMap { $0["model"] ?? $0["model_name"] }) == Set(names), "\(key) \(prefix)")
            }
            #expect(samples.contains { $0.name == "penstock_models_loaded" })
        }
        // At the address for operators nobody needs a key, and none makes less of it.
        let operators = try Self.server(keys, isForOperators: true)
        let text = try await operators.send(.get, "/metrics", Self.bearer("one")).text
        #expect(text.contains(#"model="first""#))
    }

    @Test func requestsAreCountedByKey() async throws {
        let server = try Self.server(
            #"{"keys": [{"name": "a", "key": "few", "requests_per_minute": 2}, {"name": "b", "key": "many"}]}"#)
        let body = Array("a [MASK]".utf8)
        for _ in 0..<2 { #expect(try await server.send(.post, "/", Self.bearer("few"), body: body).status == 200) }
        let refused = try await server.send(.post, "/", Self.bearer("few"), body: body)
        #expect(refused.status == 429)
        #expect(try refused.errorCode == "rate_limited")
        let wait = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
        #expect(1...30 ~= wait)
        #expect(try await server.send(.post, "/", Self.bearer("many"), body: body).status == 200)
        #expect(try await server.send(.get, "/info", Self.bearer("few")).status == 200)
    }

    @Test func tokensAreCountedByKey() async throws {
        // Four tokens each, of which two are special ones.
        let server = try Self.server(
            #"{"keys": [{"name": "a", "key": "few", "tokens_per_minute": 9}, {"name": "b", "key": "small", "tokens_in_flight": 3}]}"#
        )
        let body = Array("a [MASK]".utf8)
        for _ in 0..<2 { #expect(try await server.send(.post, "/", Self.bearer("few"), body: body).status == 200) }
        let refused = try await server.send(.post, "/", Self.bearer("few"), body: body)
        #expect(refused.status == 429)
        #expect(refused.headers[.retryAfter].flatMap { Int($0) }.map { 1...20 ~= $0 } == true)
        let large = try await server.send(.post, "/", Self.bearer("small"), body: body)
        #expect(large.status == 413)
        #expect(try large.errorCode == "request_too_large")
    }

    @Test(arguments: [
        (#""requests_per_minute": 0"#, "keys[0].requests_per_minute: has to be an integer from 1"),
        (#""tokens_per_minute": 1.5"#, "keys[0].tokens_per_minute: has to be an integer"),
        (#""tokens_in_flight": "9""#, "keys[0].tokens_in_flight: has to be an integer"),
        (#""weight": 0"#, "keys[0].weight: has to be a number from 0.01 to 100"),
        (#""weight": 100.5"#, "keys[0].weight: has to be a number from 0.01 to 100"),
        (#""weight": "3""#, "keys[0].weight: has to be a number"),
        (#""models": "first""#, "keys[0].models: has to be an array"),
        (#""models": [1]"#, "keys[0].models[0]: has to be a string"),
    ])
    func whatIsNoLimitIsRefused(field: String, message: String) throws {
        let file = try KeyFile(#"{"keys": [{"name": "a", "key": "x", \#(field)}]}"#)
        let error = #expect(throws: KeysError.self) { try file.store() }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func whatWasUsedStaysUsedWhenTheFileIsReadAgain() throws {
        let file = try KeyFile(#"{"keys": [{"name": "a", "key": "x", "requests_per_minute": 1}]}"#)
        let store = try file.store()
        try store.key(presented: ["x"])?.caller.takeRequest()
        try file.write(
            #"{"keys": [{"name": "renamed", "key": "x", "requests_per_minute": 1}, {"name": "b", "key": "y"}]}"#)
        #expect(try store.reload() == 2)
        let key = try #require(store.key(presented: ["x"]))
        #expect(key.name == "renamed")
        #expect(throws: ServingError.self) { try key.caller.takeRequest() }
    }
}
