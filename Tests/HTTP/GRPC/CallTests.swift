import HTTPTypes
import PenstockHTTP
import PenstockProtocolBuffers
import PenstockServing
import Testing

/// What is the same for all calls of gRPC: framing, statuses, keys, times, compression.
@Suite struct CallTests {
    private static let ready = CallSample.message("st-mean")

    private func status(
        _ server: TestServer, _ path: String, _ headers: HTTPFields = [.contentType: "application/grpc"],
        body: [UInt8] = CallSample.framed([]), by method: HTTPRequest.Method = .post
    ) async throws -> Int? {
        let reply = try await server.call(path, headers, body: body, by: method)
        return reply.trailers[.grpcStatus].flatMap { Int($0) }
    }

    @Test func theServerTellsOfItself() async throws {
        let calls = CallSample(server: try TestServer(serving: ["st-mean"]))
        for method in ["ServerLive", "ServerReady"] {
            #expect(try await calls.call(method, [[]]).messages == [[0x08, 1]])
        }
        let server = try await calls.call("ServerMetadata", [[]]).fields
        #expect(
            try server.map { try $0.text } == [
                "penstock", PenstockVersion.current, "model_configuration", "statistics",
            ])
        #expect(try await calls.call("ModelReady", [Self.ready]).messages == [[0x08, 1]])
        #expect(try await calls.call("ModelReady", [CallSample.message("other")]).messages == [[]])
        #expect(try await calls.call("ModelReady", [CallSample.message("st-mean", "2")]).status == 5)
        let model = try await calls.call("ModelMetadata", [Self.ready]).fields
        #expect(try model.prefix(3).map { try $0.text } == ["st-mean", "1", "penstock"])
        #expect(try await calls.call("ModelMetadata", [CallSample.message("other")]).status == 5)
        let index = try await calls.call("RepositoryIndex", [[]]).fields
        let entry = try CallSample.fields(index.first?.bytes ?? [])
        #expect(try entry.map { try $0.text } == ["st-mean", "1", "READY"])
    }

    @Test func modelsAreLoadedByAdministratorsOnly() async throws {
        let calls = CallSample(server: try TestServer(serving: ["st-mean"]))
        #expect(try await calls.call("RepositoryModelUnload", [Self.ready]).status == 12)
        let server = try TestServer(
            keys: KeyStore([], administrator: "boss"),
            change: { $0.modelSource = { (_) throws(ModelRefusal) in throw ModelRefusal(.missing, "there is none") } }
        ) { server in
            [try server.served("bert-tiny", named: "first")]
        }
        var load = MessageWriter()
        load.text(2, "second")
        var unload = MessageWriter()
        unload.text(2, "first")
        let administered = CallSample(server: server)
        #expect(try await administered.call("RepositoryModelLoad", [load.bytes]).status == 16)
        let boss: HTTPFields = [.authorization: "Bearer boss"]
        #expect(try await administered.call("RepositoryModelLoad", [load.bytes], boss).status == 5)
        #expect(try await administered.call("RepositoryModelUnload", [unload.bytes], boss).messages == [[]])
        #expect(try await administered.call("RepositoryModelUnload", [unload.bytes], boss).status == 5)
    }

    @Test func keysAreThoseOfAllRequests() async throws {
        let server = try TestServer(checkpoint: "st-mean", keys: KeyStore(["key"]))
        let calls = CallSample(server: server)
        let message = CallSample.message("st-mean")
        #expect(try await calls.call("ModelMetadata", [message]).status == 16)
        #expect(try await calls.call("ModelMetadata", [message], [.authorization: "Bearer other"]).status == 16)
        for headers: HTTPFields in [[.authorization: "Bearer key"], [.apiKey: "key"]] {
            #expect(try await calls.call("ModelMetadata", [message], headers).status != 16)
        }
        #expect(try await calls.call("ServerReady", [[]]).status == 0)
        #expect(try await calls.call("grpc.health.v1.Health/Check", [[]]).messages == [[0x08, 1]])
    }

    @Test func whatIsNoCallIsTold() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let ready = "/\(CallSample.inference)/ModelReady"
        #expect(try await status(server, "/\(CallSample.inference)/Other") == 12)
        #expect(try await status(server, "/v2/health/live") == 12)
        #expect(try await status(server, ready, by: .get) == 12)
        for type in ["application/json", "application/grpc-web", "text/plain", "x"] {
            let reply = try await server.call(ready, [.contentType: type], body: CallSample.framed([]))
            #expect(reply.status == 415 && reply.trailers.isEmpty)
        }
        #expect(try await server.call(ready, [:], body: CallSample.framed([])).status == 415)
        #expect(try await status(server, ready, [.contentType: "application/grpc+proto"]) == 0)
    }

    @Test func aCallHasOneMessageAsAWhole() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let ready = "/\(CallSample.inference)/ModelReady"
        let whole = CallSample.framed(Self.ready)
        for count in 0..<whole.count {
            #expect(try await status(server, ready, body: Array(whole.prefix(count))) == 3, "\(count)")
        }
        #expect(try await status(server, ready, body: whole + CallSample.framed([])) == 3)
        #expect(try await status(server, ready, body: [2] + whole.dropFirst()) == 3)
        #expect(try await status(server, ready, body: [0, 0xFF, 0xFF, 0xFF, 0xFF]) == 8)
        #expect(try await status(server, ready, body: whole) == 0)
    }

    /// A name could be held for as long as a call lasts, and is told again.
    @Test func messagesOfNamesAreShort() async throws {
        let calls = CallSample(server: try TestServer(serving: ["st-mean"]))
        for (method, inBounds) in [
            ("grpc.health.v1.Health/Check", 5), ("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", 0),
            ("ModelConfig", 5), ("RepositoryIndex", 0),
        ] {
            for (count, status) in [(16_000, inBounds), (16_385, 8)] {
                let message = CallSample.message(String(repeating: "a", count: count))
                #expect(try await calls.call(method, [message]).status == status, "\(method) \(count)")
            }
        }
        let texts = Array(repeating: "the cat", count: 3000)
        #expect(try await calls.call("ModelInfer", [CallSample.infer("st-mean", texts)]).status == 0)
    }

    /// Messages as Python's gzip and zlib make them.
    @Test func messagesMayBeCompressed() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let ready = "/\(CallSample.inference)/ModelReady"
        func headers(_ encoding: String) -> HTTPFields {
            [.contentType: "application/grpc", .grpcEncoding: encoding]
        }
        let gzip: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xE3, 0x62, 0x2F, 0x2E, 0xD1, 0xCD,
            0x4D, 0x4D, 0xCC, 0x03, 0x00, 0x51, 0xC9, 0x3C, 0x5C, 0x09, 0x00, 0x00, 0x00,
        ]
        let zlib: [UInt8] = [
            0x78, 0x9C, 0xE3, 0x62, 0x2F, 0x2E, 0xD1, 0xCD, 0x4D, 0x4D, 0xCC, 0x03, 0x00, 0x0B, 0x6C, 0x02, 0xC7,
        ]
        for (encoding, bytes) in [("gzip", gzip), ("deflate", zlib)] {
            let body = CallSample.framed(bytes, isCompressed: true)
            #expect(try await status(server, ready, headers(encoding), body: body) == 0)
            #expect(try await status(server, ready, headers("identity"), body: body) == 3)
            #expect(try await status(server, ready, body: body) == 3)
            #expect(try await status(server, ready, headers(encoding), body: CallSample.framed(Self.ready)) == 0)
            let cut = CallSample.framed(Array(bytes.dropLast(3)), isCompressed: true)
            #expect(try await status(server, ready, headers(encoding), body: cut) == 3)
        }
        let reply = try await server.call(ready, headers("snappy"), body: CallSample.framed([]))
        #expect(reply.trailers[.grpcStatus] == "12")
        #expect(reply.headers[values: .grpcAcceptEncoding].contains("identity,deflate,gzip"))
    }

    @Test func theClientsTimeIsKept() async throws {
        let calls = CallSample(server: try TestServer(serving: ["st-mean"]))
        let message = CallSample.infer("st-mean", ["the cat"])
        #expect(try await calls.call("ModelInfer", [message], [.grpcTimeout: "1n"]).status == 4)
        for time in ["20S", "1H", "99999999m", "20000000u"] {
            #expect(try await calls.call("ModelInfer", [message], [.grpcTimeout: time]).status == 0)
        }
        for time in ["", "S", "1", "1s", "-1S", "123456789S", "1.5S", "٣S"] {
            #expect(try await calls.call("ModelInfer", [message], [.grpcTimeout: time]).status == 3, "\(time)")
        }
    }

    @Test func messagesOfFailuresAreEscaped() async throws {
        let calls = CallSample(server: try TestServer(serving: ["st-mean"]))
        let wanted = CallSample.infer("st-mean", ["on"]) { $0.message(6) { $0.text(1, "ä%\n") } }
        let answer = try await calls.call("ModelInfer", [wanted])
        #expect(answer.message?.hasPrefix(#"there is no output "%C3%A4%25"#) == true, "\(answer.message ?? "")")
    }

    /// What watches is told that the server goes down, and ends then.
    @Test func healthIsThatOfTheServer() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let calls = CallSample(server: server)
        for service in ["", CallSample.inference, "grpc.health.v1.Health"] {
            let answer = try await calls.call("grpc.health.v1.Health/Check", [CallSample.message(service)])
            #expect(answer.messages == [[0x08, 1]])
        }
        #expect(try await calls.call("grpc.health.v1.Health/Check", [CallSample.message("other")]).status == 5)
        server.store.drain()
        #expect(try await calls.call("grpc.health.v1.Health/Check", [[]]).messages == [[0x08, 2]])
        let watched = try await calls.call("grpc.health.v1.Health/Watch", [[]])
        #expect(watched.messages == [[0x08, 2]])
        #expect(watched.status == 14)
        let unknown = try await calls.call("grpc.health.v1.Health/Watch", [CallSample.message("other")])
        #expect(unknown.messages == [[0x08, 3]])
        #expect(try await calls.call("ModelInfer", [CallSample.infer("st-mean", ["on"])]).status == 14)
    }
}
