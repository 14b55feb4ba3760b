import Hummingbird
import Logging
import NIOCore
import PenstockServing
import ServiceLifecycle

/// The web server in front of a model.
public struct PenstockServer: Service {
    private let worker: ModelWorker
    private let configuration: ServerConfiguration
    private let logger: Logger

    /// A server that answers with what `worker` computes.
    public init(_ worker: ModelWorker, _ configuration: ServerConfiguration, logger: Logger) {
        self.worker = worker
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves until a SIGTERM or SIGINT, then lets the requests in flight finish.
    ///
    /// - Throws: `NIOCore.IOError` when it cannot listen on its address.
    public func run() async throws {
        defer { worker.stop() }
        try await application.runService()
    }

    /// The routes, also for tests that need no socket.
    package var router: Router<BasicRequestContext> {
        let context = BasicRequestContext.self
        return RouteTable(
            routes: PipelineAPI(worker: worker, maxBodyBytes: configuration.maxBodyBytes).routes(context)
                + HealthAPI().routes(context)
        ).router()
    }

    private var application: some ApplicationProtocol {
        Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "penstock"),
            onServerRunning: { [logger, worker] channel in
                let address = channel.localAddress.flatMap { address in
                    address.port.map { "http://\(address.ipAddress ?? "localhost"):\($0)" }
                }
                logger.info("serving \(worker.pipeline.task) on \(address ?? "\(channel)")")
            },
            logger: logger)
    }
}
