import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Models that administrators load and remove.
@Suite struct AdminAPITests {
    /// A server of one model whose administrators name checkpoints among the fixtures, and which loads what they want.
    private final class Administered: Sendable {
        let server: TestServer
        private let loading: Task<Void, Never>

        /// - Parameters:
        ///   - keys: whether others need a key, too
        ///   - isForOperators: whether it is the address for operators; nil if there is none
        init(keys: [String] = [], isForOperators: Bool? = nil) throws {
            let server = try TestServer(
                keys: KeyStore(keys, administrator: "boss"), isForOperators: isForOperators,
                change: { $0.modelSource = { (wish) throws(ModelRefusal) in try Self.source(of: wish) } }
            ) { server in
                [try server.served("bert-tiny", named: "first")]
            }
            self.server = server
            loading = Task { [store = server.store] in await store.loadAsNeeded { _ in } }
        }

        deinit { loading.cancel() }

        private static func source(of wish: ModelWish) throws(ModelRefusal) -> ModelSource {
            guard !wish.model.hasPrefix("/") else { throw ModelRefusal(.forbidden, "outside") }
            guard wish.model != "nothing" else { throw ModelRefusal(.missing, "there is none") }
            guard wish.model != "far" else { throw ModelRefusal(.unreachable, "nobody answers") }
            var source = ModelSource(
                name: wish.name, directory: Fixtures.checkpoint(wish.model), task: wish.task,
                loading: LoadOptions(dtype: wish.dtype ?? .float32), serving: .patient())
            source.serving.weight = wish.weight ?? 1
            source.isPinned = wish.isPinned
            return source
        }

        func put(_ json: String, to path: String, key: String = "boss") async throws -> TestServer.Reply {
            try await server.send(.put, path, [.authorization: "Bearer \(key)"], body: Array(json.utf8))
        }

        func delete(_ path: String, key: String = "boss") async throws -> TestServer.Reply {
            try await server.send(.delete, path, [.authorization: "Bearer \(key)"])
        }
    }

    @Test func aModelComesServesIsReplacedAndGoes() async throws {
        let administered = try Administered()
        let (server, path) = (administered.server, "/models/org/new")
        let created = try await administered.put(#"{"model": "bert-sequence", "weight": 2, "pin": true}"#, to: path)
        #expect(created.status == 201)
        #expect(
            try created.json
                == JSONValue(
                    parsing:
                        #"{"name": "org/new", "status": "ready", "task": "text-classification", "dtype": "float32", "weight": 2.0, "pinned": true}"#
                        .utf8))
        let listed = try await server.send(.get, "/models").json["models"]?.array?.last
        #expect(try listed == created.json)
        #expect(try await server.post(#"{"inputs": "a"}"#, to: path).status == 200)

        // Another weight is no other model.
        let former = try server.store.model("org/new")
        let adjusted = try await administered.put(#"{"model": "bert-sequence"}"#, to: path)
        #expect(try adjusted.status == 200 && adjusted.json["weight"]?.double == 1)
        #expect(try server.store.model("org/new").isSame(as: former))
        let replaced = try await administered.put(#"{"model": "bert-tiny"}"#, to: path)
        #expect(try replaced.status == 200 && replaced.json["task"]?.string == "fill-mask")
        #expect(try await former.answer(.string("a")).isEmpty == false)

        let removed = try await administered.delete(path)
        #expect(try removed.status == 200 && removed.json["status"]?.string == "unloaded")
        #expect(try await server.post(#"{"inputs": "a"}"#, to: path).status == 404)
        #expect(try await administered.delete(path).status == 404)
    }

    @Test func aFailureIsToldAndTheFormerServesOn() async throws {
        let administered = try Administered()
        for (json, status, code) in [
            (#"{"model": "no-such-checkpoint"}"#, 422, "invalid_request"),
            (#"{"model": "bert-tiny", "task": "nonsense"}"#, 422, "unsupported_task"),
            (#"{"model": "/etc"}"#, 403, "model_forbidden"), (#"{"model": "nothing"}"#, 404, "model_not_found"),
            (#"{"model": "far"}"#, 503, "hub_unavailable"),
        ] {
            let reply = try await administered.put(json, to: "/models/new")
            #expect(try reply.status == status && reply.errorCode == code, "\(json) \(reply.text)")
        }
        #expect(try await administered.put(#"{"model": "bert-sequence"}"#, to: "/models/new").status == 200)
        #expect(try await administered.put(#"{"model": "no-such-checkpoint"}"#, to: "/models/new").status == 422)
        #expect(try await administered.server.post(#"{"inputs": "a"}"#, to: "/models/new").status == 200)
    }

    @Test(arguments: [
        (#"{}"#, "model is missing"), (#"{"model": ""}"#, "model has to be"), (#"{"model": 1}"#, "model has to be"),
        (#"{"model": "a\u0000b"}"#, "model has to be"),
        (#"{"model": "bert-tiny", "weigth": 2}"#, "did you mean weight?"),
        (#"{"model": "bert-tiny", "weight": 0}"#, "weight has to be a number from 0.01 to 100"),
        (#"{"model": "bert-tiny", "dtype": "float64"}"#, "dtype has to be one of float32"),
        (#"{"model": "bert-tiny", "pin": "yes"}"#, "pin has to be true or false"), (#"[]"#, "has to be a JSON object"),
    ])
    func whatCannotBeWantedIsRefused(json: String, message: String) async throws {
        let reply = try await Administered().put(json, to: "/models/new")
        #expect(reply.status == 422)
        #expect(try reply.json["error"]?["message"]?.string?.contains(message) == true, "\(reply.text)")
    }

    @Test func onlyAdministratorsMay() async throws {
        let open = try Administered()
        #expect(try await open.server.send(.get, "/models").status == 200)
        for key in ["", "wrong"] {
            #expect(try await open.put(#"{"model": "bert-tiny"}"#, to: "/models/new", key: key).status == 401)
            #expect(try await open.delete("/models/first", key: key).status == 401)
        }
        let closed = try Administered(keys: ["other"])
        #expect(try await closed.server.send(.get, "/models").status == 401)
        #expect(try await closed.server.send(.get, "/models", [.authorization: "Bearer boss"]).status == 200)
        let refused = try await closed.delete("/models/first", key: "other")
        #expect(try refused.status == 403 && refused.errorCode == "model_forbidden")
        #expect(closed.server.store.has("first"))
    }

    @Test func theRightCanBeThatOfAKeyInAFile() throws {
        let file = try KeyFile(#"{"keys": [{"name": "a", "key": "x", "admin": true}, {"name": "b", "key": "y"}]}"#)
        #expect(try file.store().hasAdministrators)
        try file.write(#"{"keys": [{"name": "b", "key": "y"}]}"#)
        #expect(try !file.store().hasAdministrators)
        try file.write(#"{"keys": [{"name": "b", "key": "y", "admin": 1}]}"#)
        #expect(throws: KeysError.self) { try file.store() }
    }

    @Test func theAddressOfOperatorsHasItAloneAndWantsTheKeyToo() async throws {
        let others = try Administered(isForOperators: false)
        #expect(try await others.put(#"{"model": "bert-tiny"}"#, to: "/models/new").status == 405)
        let operators = try Administered(isForOperators: true)
        #expect(try await operators.server.send(.get, "/metrics").status == 200)
        #expect(try await operators.put(#"{"model": "bert-tiny"}"#, to: "/models/new", key: "").status == 401)
        #expect(try await operators.put(#"{"model": "bert-tiny"}"#, to: "/models/new").status == 201)
        let unload = "/v2/repository/models/new/unload"
        #expect(try await others.server.send(.post, unload, [.authorization: "Bearer boss"]).status == 404)
        #expect(try await operators.server.send(.post, unload).status == 401)
        #expect(try await operators.server.send(.post, unload, [.authorization: "Bearer boss"]).status == 200)
    }

    @Test func withoutAdministratorsThereIsNothing() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        #expect(try await server.send(.put, "/models/bert-tiny").status == 405)
        #expect(try await server.send(.delete, "/models/bert-tiny").status == 405)
    }
}

extension PenstockServer {
    /// A checkpoint among the fixtures, served by this server.
    func served(_ checkpoint: String, named name: String) throws -> ServedModel {
        try ModelSource(name: name, directory: Fixtures.checkpoint(checkpoint), serving: .patient())
            .load(on: store.scheduler, metrics: registry)
    }
}
