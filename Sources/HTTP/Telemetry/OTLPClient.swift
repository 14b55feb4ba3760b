import AsyncHTTPClient
import NIOCore
import Synchronization

/// Sends to collectors over HTTP. Whoever has sent something has to shut it down.
final class OTLPClient: Sendable {
    private let loops: any EventLoopGroup
    /// Nil as long as nothing was sent.
    private let made = Mutex<HTTPClient?>(nil)

    /// Bytes of an answer that are read, so that the connection can be used again.
    private static let mostAnswerBytes = 64 << 10

    init(on loops: any EventLoopGroup) { self.loops = loops }

    private var client: HTTPClient {
        made.withLock { made in
            if let made { return made }
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            configuration.connectionPool.retryConnectionEstablishment = false
            let client = HTTPClient(eventLoopGroupProvider: .shared(loops), configuration: configuration)
            made = client
            return client
        }
    }

    /// Posts JSON, and returns the status of the answer.
    func send(_ target: TelemetrySettings.Target, _ body: [UInt8]) async throws -> Int {
        var request = HTTPClientRequest(url: target.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        for header in target.headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
        request.body = .bytes(body)
        let nanoseconds = min(Int64.max / 2, Int64(target.timeout / .nanoseconds(1)))
        let answer = try await client.execute(request, timeout: .nanoseconds(nanoseconds))
        _ = try? await answer.body.collect(upTo: Self.mostAnswerBytes)
        return Int(answer.status.code)
    }

    /// Closes its connections. Nobody waits for it: one that is just being opened is given up after half a minute only.
    func shutdown() {
        let client = made.withLock { made in
            defer { made = nil }
            return made
        }
        guard let client else { return }
        Task { try? await client.shutdown() }
    }
}
