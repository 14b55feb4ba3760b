import PenstockProtocolBuffers
import PenstockServing

/// `grpc.health.v1.Health`: whether the server takes requests, once or as it changes
/// (<https://github.com/grpc/grpc/blob/master/doc/health-checking.md>).
struct HealthService: Sendable {
    let rpc: RPC

    /// The message `HealthCheckRequest`.
    private struct Asked: RPCRequest {
        var service = ""

        init(_ message: ArraySlice<UInt8>) throws(WireError) {
            var reader = MessageReader(message)
            while let field = try reader.next() {
                if field.number == 1 { service = try field.text ?? service }
            }
        }
    }

    /// The statuses of the protocol.
    private enum Status: UInt64 {
        case serving = 1
        case notServing = 2
        case unknownService = 3
    }

    /// The services whose health is that of the server.
    private static let services = [""] + ProtoFile.all.flatMap(\.services)

    var routes: [RouteTable.Route] {
        [
            rpc.unary("/grpc.health.v1.Health/Check", access: .everybody) {
                (asked: ObjectRequests.Asked<Asked>, writer) in
                let status = status(of: asked.fields.service)
                guard status != .unknownService else {
                    throw ClientError(.notFound, "there is no service \(asked.fields.service.excerpt)")
                }
                writer.unsigned(1, status.rawValue)
            },
            rpc.stream("/grpc.health.v1.Health/Watch", access: .everybody) { (call: RPCStream.Call<Asked>, writer) in
                try await watch(call, into: &writer)
            },
        ]
    }

    private var store: ModelStore { rpc.requests.store }

    private func status(of service: String) -> Status {
        guard Self.services.contains(service) else { return .unknownService }
        return store.readiness == .ready ? .serving : .notServing
    }

    /// Tells the status, and again whenever it is another one.
    private func watch(_ call: RPCStream.Call<Asked>, into writer: inout RPCWriter) async throws {
        let service = try await call.message(in: rpc.requests).service
        let lifetime = RPCLifetime(until: call.deadline, call.context, store)
        var (told, end): (Status?, (any Error)?)
        while true {
            let status = status(of: service)
            if status != told {
                var message = MessageWriter()
                message.unsigned(1, status.rawValue)
                try await writer.write(message: message.bytes)
                told = status
            }
            // A server that goes down says so first.
            if let end { throw end }
            do { try await lifetime.pause() } catch { end = error }
        }
    }
}
