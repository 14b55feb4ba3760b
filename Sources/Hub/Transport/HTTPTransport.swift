import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Sends requests, one at a time and without following redirects. Decides nothing but when to stop waiting.
struct HTTPTransport: Sendable {
    /// An answer whose body is still to come. Whoever lets go of it without reading closes the connection.
    struct Answer: Sendable {
        let head: AnswerHead
        fileprivate let body: HTTPClientResponse.Body
    }

    private let clients: Clients
    private let limits: HubLimits
    private let clock: HubClock

    /// Lends a transport, and closes its connections behind the body. Threads and TLS are set up by the first request.
    static func with<Result: Sendable>(
        _ settings: HubSettings, _ clock: HubClock, _ body: (HTTPTransport) async throws -> Result
    ) async throws -> Result {
        let limits = settings.limits
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(connect: TimeAmount(limits.connectTimeout), read: nil)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(
            1, limits.parallelFiles * limits.parallelParts)
        // Whoever has no network is to hear of it at once; what is tried again is decided elsewhere.
        configuration.connectionPool.retryConnectionEstablishment = false
        let clients = Clients(configuration, settings.proxies)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(HTTPTransport(clients: clients, limits: limits, clock: clock)))
        } catch {
            result = .failure(error)
        }
        await clients.shutdown()
        return try result.get()
    }

    private init(clients: Clients, limits: HubLimits, clock: HubClock) {
        (self.clients, self.limits, self.clock) = (clients, limits, clock)
    }

    /// One client for each proxy, and one for what is asked without.
    private final class Clients: Sendable {
        private let configuration: HTTPClient.Configuration
        private let proxies: ProxySettings
        private let all = Mutex<[HubProxy?: HTTPClient]>([:])

        init(_ configuration: HTTPClient.Configuration, _ proxies: ProxySettings) {
            (self.configuration, self.proxies) = (configuration, proxies)
        }

        func client(for origin: HubURL.Origin) throws(HubError) -> HTTPClient {
            let proxy = try proxies.proxy(for: origin)
            return all.withLock { clients in
                if let client = clients[proxy] { return client }
                var configuration = configuration
                configuration.proxy = proxy.map(Self.proxy)
                let client = HTTPClient(configuration: configuration)
                clients[proxy] = client
                return client
            }
        }

        /// The proxy that requests to a server go through, if there is one.
        func proxy(for origin: HubURL.Origin) -> HubProxy? { try? proxies.proxy(for: origin) }

        func shutdown() async {
            for client in all.withLock({ Array($0.values) }) { try? await client.shutdown() }
        }

        private static func proxy(_ proxy: HubProxy) -> HTTPClient.Configuration.Proxy {
            if proxy.isSOCKS { return .socksServer(host: proxy.host, port: proxy.port) }
            return .server(
                host: proxy.host, port: proxy.port,
                authorization: proxy.credentials.map { .basic(username: $0.user, password: $0.password) })
        }
    }

    /// Sends a request and waits for the head of the answer.
    ///
    /// - Throws: ``TransferFailure``, or `CancellationError`
    func send(_ method: HTTPMethod, _ url: HubURL, _ headers: HTTPHeaders) async throws -> Answer {
        var request = HTTPClientRequest(url: url.description)
        request.method = method
        request.headers = headers
        do {
            let response = try await clients.client(for: url.origin).execute(
                request, deadline: .now() + TimeAmount(limits.connectTimeout + limits.answerTimeout))
            return Answer(
                head: AnswerHead(status: Int(response.status.code), headers: response.headers), body: response.body)
        } catch let error as HubError {
            throw TransferFailure.final(error)
        } catch {
            throw Self.failure(error, through: clients.proxy(for: url.origin))
        }
    }

    /// Hands out the pieces of a body until it ends or `take` has enough.
    ///
    /// - Parameter take: takes a piece; returns whether it wants more
    /// - Throws: ``TransferFailure``, also if too little comes in a while; what `take` throws; or `CancellationError`
    func read(_ answer: Answer, _ take: @escaping @Sendable (ByteBuffer) async throws -> Bool) async throws {
        let (body, limits) = (answer.body, limits)
        try await StallGuard(period: limits.stallPeriod, bytes: limits.stallBytes, clock: clock).run { meter in
            var iterator = body.makeAsyncIterator()
            while true {
                let piece: ByteBuffer?
                do {
                    piece = try await iterator.next()
                } catch {
                    throw Self.failure(error)
                }
                guard let piece else { return }
                meter.add(piece.readableBytes)
                guard try await take(piece) else { return }
            }
        }
        try Task.checkCancellation()
    }

    /// The whole body.
    ///
    /// - Returns: nil if it has more bytes than the limit
    func collect(_ answer: Answer, atMost limit: Int) async throws -> [UInt8]? {
        let collected = Collector()
        try await read(answer) { piece in await collected.add(piece, atMost: limit) }
        return await collected.bytes
    }

    private actor Collector {
        private(set) var bytes: [UInt8]? = []

        func add(_ piece: ByteBuffer, atMost limit: Int) -> Bool {
            guard let count = bytes?.count, count + piece.readableBytes <= limit else {
                bytes = nil
                return false
            }
            bytes?.append(contentsOf: piece.readableBytesView)
            return true
        }
    }

    /// Returns what went wrong, in words that hold no header field.
    private static func failure(_ error: any Error) -> any Error {
        if error is CancellationError || Task.isCancelled { return CancellationError() }
        switch error {
        case let error as TransferFailure: return error
        case let error as HTTPClientError:
            switch error {
            case .deadlineExceeded, .connectTimeout, .readTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
                return TransferFailure.timedOut
            default: return TransferFailure.connection(error.shortDescription)
            }
        case let error as NIOConnectionError: return TransferFailure.connection(words(error))
        case let error as IOError: return TransferFailure.connection(SystemText.of(error.errnoCode))
        default:
            return TLSFailure.of("\(error)")
                ?? TransferFailure.connection(String(HubError.quoted("\(error)").prefix(200)))
        }
    }

    /// The same of a request that went through a proxy, which may be what is not there.
    private static func failure(_ error: any Error, through proxy: HubProxy?) -> any Error {
        let result = failure(error)
        guard let proxy, case .connection(let words)? = result as? TransferFailure else { return result }
        return TransferFailure.connection("\(words), through the proxy \(proxy)")
    }

    private static func words(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            return (failure.error as? IOError).map { SystemText.of($0.errnoCode) } ?? "no connection can be made"
        }
        return "the host \(error.host) is not known"
    }
}

extension TimeAmount {
    /// The duration in whole nanoseconds.
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = .nanoseconds(overflow ? Int64.max / 4 : nanoseconds + attoseconds / 1_000_000_000)
    }
}
