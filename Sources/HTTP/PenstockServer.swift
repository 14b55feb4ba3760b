import Foundation
import Hummingbird
import Logging
import Metrics
import NIOCore
import PenstockCompute
import PenstockServing
import ServiceLifecycle
import UnixSignals

/// The web server in front of a model: it listens from the first moment, loads the model meanwhile, and goes down in order.
public struct PenstockServer: Sendable {
    private let host = ModelHost()
    private let inFlight = InFlightCount()
    /// Where the server counts and times.
    package let registry = MetricsAPI.registry()
    private let configuration: ServerConfiguration
    private let logger: Logger

    /// A server with no model yet.
    public init(_ configuration: ServerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves the model that `load` gives until a SIGTERM or SIGINT, then lets the requests in flight finish.
    ///
    /// A second signal ends the process at once.
    ///
    /// - Parameter load: called on a thread of its own; is given where the model reports its metrics.
    /// - Throws: `NIOCore.IOError` when it cannot listen on its address, and what `load` throws.
    public func run(_ load: @Sendable @escaping (any MetricsFactory) throws -> ModelWorker) async throws {
        // Receiving and sending is light work: the cores are for the model.
        NIOSingletons.groupLoopCountSuggestion = max(1, AvailableProcessors.count / 4)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let (isListening, listening) = AsyncStream.makeStream(of: Void.self)
        var groupConfiguration = ServiceGroupConfiguration(
            services: [.init(service: application { listening.finish() })], logger: logger)
        groupConfiguration.maximumGracefulShutdownDuration = .seconds(2)
        let services = ServiceGroup(configuration: groupConfiguration)

        enum Part { case server, loader, signals }
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                try await services.run()
                return .server
            }
            group.addTask {
                for await _ in isListening {}
                do {
                    try await announce(host.load { try load(registry) })
                } catch {
                    await services.triggerGracefulShutdown()
                }
                return .loader
            }
            group.addTask {
                await goDown(on: signals, services)
                return .signals
            }
            // The loader ends early, and the server's end is the end of all.
            while let part = try await group.next(), part != .server {}
            group.cancelAll()
        }
        if case .failed(let error) = host.current { throw error }
        if case .draining(let worker?) = host.current { worker.stop() }
    }

    private func announce(_ worker: ModelWorker) {
        for line in worker.startReport { logger.info("\(line)") }
        for line in worker.startWarnings { logger.warning("\(line)") }
        logger.info("ready: \(worker.pipeline.task) with \(worker.pipeline.name) in \(worker.pipeline.dtype.rawValue)")
    }

    private func goDown(on signals: UnixSignalsSequence, _ services: ServiceGroup) async {
        await withDiscardingTaskGroup { group in
            var count = 0
            for await signal in signals {
                count += 1
                if count > 1 { exit(128 + signal.rawValue) }
                logger.info("\(signal): finishing the requests in flight")
                group.addTask { await drain(then: services) }
            }
        }
    }

    private func drain(then services: ServiceGroup) async {
        host.drain()
        _ = try? await withDeadline(.now + configuration.drainTimeout) { await inFlight.reachesZero() }
        await services.triggerGracefulShutdown()
    }

    /// The routes, also for tests that need no socket.
    package func router(_ host: ModelHost) -> Router<ServerContext> {
        let reader = RequestReader(maxBodyBytes: configuration.maxBodyBytes)
        let table = RouteTable(
            routes: PipelineAPI(host: host, reader: reader).routes
                + TokenizeAPI(host: host, reader: reader).routes
                + HealthAPI(host: host).routes
                + MetricsAPI(host: host, registry: registry).routes
                + InfoAPI(host: host, configuration: configuration).routes)
        let router = Router(context: ServerContext.self)
        router.add(
            middleware: RequestMiddleware(
                routes: table, inFlight: inFlight, metrics: registry, exposesErrors: configuration.exposeErrors,
                isDraining: { if case .draining = host.current { true } else { false } }))
        for route in table.routes { router.on(RouterPath(route.path), method: route.method, use: route.handler) }
        return router
    }

    private func application(onListening: @Sendable @escaping () -> Void) -> some ApplicationProtocol {
        Application(
            router: router(host),
            server: .http1(configuration: .init(additionalChannelHandlers: [DisconnectHandler()])),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "penstock"),
            onServerRunning: { [logger] channel in
                let address = channel.localAddress.flatMap { address in
                    address.port.map { "http://\(address.ipAddress ?? "localhost"):\($0)" }
                }
                logger.info("listening on \(address ?? "\(channel)")")
                onListening()
            },
            logger: logger)
    }
}
