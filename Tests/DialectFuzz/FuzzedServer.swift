import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PenstockHTTP
import PenstockHTTPTestSupport
import PenstockServing
import PenstockTestSupport

/// A server of small models, in which nothing takes long that is asked for.
struct FuzzedServer: Sendable {
    private let client: RouterClient
    /// A client at the address of gRPC.
    private let caller: RouterClient

    init(_ corpus: DialectCorpus) throws {
        var configuration = ServerConfiguration()
        configuration.maxBodyBytes = 1 << 20
        configuration.maxInFlightBytes = 64 << 20
        configuration.exposeErrors = true
        var serving = ServingConfiguration.patient()
        serving.maxQueueTokens = 1 << 13
        serving.keyValueBytes = 8 << 20
        let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        let server = PenstockServer(configuration, on: try Scheduler(threads: 1), logger: logger)
        let decoder = try DecoderCheckpoint("llama", files: corpus.decoder)
        let models = corpus.models.map { ($0.name, Fixtures.checkpoint($0.checkpoint)) } + [("words", decoder.path)]
        for (name, directory) in models {
            server.store.add(
                try ModelSource(name: name, directory: directory, serving: serving)
                    .load(on: server.store.scheduler, metrics: server.registry))
        }
        // Its directory is gone with it.
        withExtendedLifetime(decoder) {}
        client = RouterClient(server.router, logger: logger)
        caller = RouterClient(server.rpcRouter, logger: logger)
    }

    func send(_ request: FuzzRequest) async throws -> RouterClient.Reply {
        try await (request.isCall ? caller : client).send(
            request.method, request.path, request.headers, body: body(of: request))
    }

    private func body(of request: FuzzRequest) -> RequestBody {
        guard let pieceBytes = request.pieceBytes else {
            return RequestBody(buffer: ByteBuffer(bytes: request.body))
        }
        let bytes = request.body
        return RequestBody(
            asyncSequence: AsyncStream<ByteBuffer> { continuation in
                for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                    continuation.yield(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + pieceBytes)]))
                }
                continuation.finish()
            })
    }
}
