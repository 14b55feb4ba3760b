import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PenstockHTTP
import PenstockHTTPTestSupport
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// A server's routes without a socket.
struct TestServer {
    let store: ModelStore
    private let client: RouterClient
    /// A client at the address of gRPC.
    private let caller: RouterClient

    typealias Reply = RouterClient.Reply

    init(
        checkpoint: String, task: String? = nil, maxBodyBytes: Int = 1 << 16, maxInFlightBytes: Int = 1 << 28,
        corsAllowOrigins: [AllowedOrigin] = [], keys: KeyStore? = nil,
        report: (@Sendable (RequestRecord) -> Void)? = nil
    ) throws {
        let pipeline = try JSONPipeline(directory: Fixtures.checkpoint(checkpoint), task: task)
        try self.init(
            maxBodyBytes: maxBodyBytes, maxInFlightBytes: maxInFlightBytes, corsAllowOrigins: corsAllowOrigins,
            keys: keys, report: report
        ) { server in
            [try ServedModel(pipeline, .patient(), on: server.store.scheduler, metrics: server.registry)]
        }
    }

    /// - Parameters:
    ///   - isForOperators: whether it is the address for operators; nil if there is none
    ///   - change: changes other settings
    ///   - models: makes the models; nil for one that is being loaded
    init(
        maxBodyBytes: Int = 1 << 16, maxInFlightBytes: Int = 1 << 28, corsAllowOrigins: [AllowedOrigin] = [],
        keys: KeyStore? = nil, isForOperators: Bool? = nil,
        report: (@Sendable (RequestRecord) -> Void)? = nil, change: (inout ServerConfiguration) -> Void = { _ in },
        models: (PenstockServer) throws -> [ServedModel]?
    ) throws {
        var configuration = ServerConfiguration()
        configuration.maxBodyBytes = maxBodyBytes
        configuration.maxInFlightBytes = maxInFlightBytes
        configuration.corsAllowOrigins = corsAllowOrigins
        configuration.keys = keys
        configuration.reportRequest = report
        if isForOperators != nil { configuration.adminAddress = ListenAddress("127.0.0.1:0") }
        change(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = PenstockServer(configuration, on: try Scheduler(threads: 1), logger: logger)
        store = server.store
        if let models = try models(server) {
            for model in models { store.add(model) }
        } else {
            store.announce(["late"])
        }
        client = RouterClient(isForOperators == true ? server.adminRouter : server.router, logger: logger)
        caller = RouterClient(server.rpcRouter, logger: logger)
    }

    /// Serves checkpoints for whatever they can do, under their names.
    init(serving checkpoints: [String], maxBodyBytes: Int = 1 << 20) throws {
        try self.init(maxBodyBytes: maxBodyBytes) { server in
            try checkpoints.map { name in
                try ModelSource(name: name, directory: Fixtures.checkpoint(name), serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            }
        }
    }

    /// Serves a decoder of the fixtures, for which each token is a word.
    ///
    /// - Parameter files: more files of the checkpoint
    init(decoder name: String, maxBodyBytes: Int = 1 << 20, files: [(name: String, bytes: [UInt8])] = []) throws {
        let checkpoint = try DecoderCheckpoint(name, generation: #"{"eos_token_id": null}"#, files: files)
        try self.init(maxBodyBytes: maxBodyBytes) { server in
            [
                try ModelSource(name: name, directory: checkpoint.path, serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            ]
        }
    }

    /// Sends a request and collects the whole answer.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = [:], body: [UInt8] = []
    ) async throws -> Reply {
        try await client.send(method, path, headers, body: RequestBody(buffer: ByteBuffer(bytes: body)))
    }

    /// Sends a request to the address of gRPC and collects the whole answer.
    func call(
        _ path: String, _ headers: HTTPFields = [.contentType: "application/grpc"], body: [UInt8],
        by method: HTTPRequest.Method = .post
    ) async throws -> Reply {
        try await caller.send(method, path, headers, body: RequestBody(buffer: ByteBuffer(bytes: body)))
    }

    /// Posts a body to `/` and does not read the answer's.
    func unread(_ body: String, as contentType: String) async throws -> Response {
        try await client.respond(
            Request(
                head: HTTPRequest(
                    method: .post, scheme: "http", authority: "localhost", path: "/",
                    headerFields: [.contentType: contentType]),
                body: RequestBody(buffer: ByteBuffer(string: body))))
    }

    /// Posts JSON to a path.
    func post(_ json: String, to path: String, _ headers: HTTPFields = [:]) async throws -> Reply {
        var headers = headers
        headers[.contentType] = headers[.contentType] ?? "application/json"
        return try await send(.post, path, headers, body: Array(json.utf8))
    }

    /// Posts a body to `/`.
    func post(_ body: String, as contentType: String? = nil) async throws -> Reply {
        try await send(.post, "/", contentType.map { [.contentType: $0] } ?? [:], body: Array(body.utf8))
    }
}
