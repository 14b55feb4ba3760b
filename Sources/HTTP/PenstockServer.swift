import Logging
import Metrics
import NIOCore
import NIOPosix
import PenstockCompute
import PenstockServing
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The web server in front of models: it listens from the first moment, downloads and loads the models meanwhile, and goes down
/// in order.
public struct PenstockServer: Sendable {
    /// The models that it serves.
    package let store: ModelStore
    let inFlight = InFlightCount()
    /// The registry in which the server counts and times.
    package let registry = MetricsAPI.registry()
    let connections: ConnectionTable
    /// Those to the address of operators, who get in also if all others are taken.
    let adminConnections = ConnectionTable(limit: 16)
    let acceptQueues = AcceptQueues()
    let memory: MemoryBudget
    let configuration: ServerConfiguration
    let logger: Logger
    /// Sends traces and metrics; nil if there is nowhere to.
    let telemetry: Telemetry?
    private let collector: OTLPClient?

    /// Receiving and sending is light work: the cores are for the model. Its own, and not those that all of a process share:
    /// whoever was first with those, such as a download, has fixed their number.
    static let loops = MultiThreadedEventLoopGroup(
        numberOfThreads: max(1, AvailableProcessors.count / 4), metricsDelegate: ticks)
    private static let ticks = LoopTicks()
    /// How connections share those.
    static let turns = LoopTurns(of: loops, ticks)

    /// A server with no model yet, of models that share the threads of a scheduler.
    package init(_ configuration: ServerConfiguration, on scheduler: Scheduler, logger: Logger) {
        self.configuration = configuration
        store = ModelStore(on: scheduler, loadTimeout: configuration.loadTimeout, metrics: registry)
        self.logger = logger
        connections = ConnectionTable(limit: configuration.maxConnections ?? OpenFiles.connections()) {
            logger.warning("\($0)")
        }
        memory = MemoryBudget(bytes: configuration.maxInFlightBytes) { scheduler.ledger.bytesUnreserved }
        guard let settings = configuration.telemetry else {
            (telemetry, collector) = (nil, nil)
            return
        }
        let collector = OTLPClient(on: Self.loops)
        self.collector = collector
        telemetry = Telemetry(settings, registry, refresh: { [store] in store.recordState() }, logger: logger) {
            try await collector.send($0, $1)
        }
    }

    /// Serves models until a SIGTERM or SIGINT, then lets the requests in flight finish.
    ///
    /// A second signal ends the process at once. A model that cannot be loaded is reported in the log; the others are served.
    ///
    /// - Parameter models: the first is that of the paths that name none
    /// - Throws: ``TLSError`` if the files for TLS cannot be used, `NIOCore.IOError` when it cannot listen on its address, and if none can be loaded, why the first cannot.
    public func run(_ models: [ModelSource]) async throws {
        let tls = try configuration.tls.map { try ServerTLS($0, logger: logger) }
        store.announce(models)
        // A terminal that is closed is no reason to go down.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        let (isListening, listening) = AsyncStream.makeStream(of: Void.self)
        var groupConfiguration = ServiceGroupConfiguration(
            services: (applications(tls) { listening.finish() } + (tls.map { [$0] } ?? [])).map { .init(service: $0) },
            logger: logger)
        groupConfiguration.maximumGracefulShutdownDuration = .seconds(2)
        let services = ServiceGroup(configuration: groupConfiguration)

        enum Part { case server, loader, manager, signals, telemetry }
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                try await services.run()
                return .server
            }
            group.addTask {
                for await _ in isListening {}
                await loadModels(services)
                return .loader
            }
            group.addTask {
                await tellOfLoading()
                return .manager
            }
            group.addTask {
                await heed(signals, services, tls)
                return .signals
            }
            group.addTask {
                await telemetry?.run()
                collector?.shutdown()
                return .telemetry
            }
            // The server's end is the end of all.
            while let part = try await group.next(), part != .server {}
            group.cancelAll()
        }
        let isFailed = store.readiness == .failed
        store.scheduler.stop()
        if isFailed, case .failed(let error)? = store.all.first?.state { throw error }
    }

    private func heed(_ signals: UnixSignalsSequence, _ services: ServiceGroup, _ tls: ServerTLS?) async {
        await withDiscardingTaskGroup { group in
            var count = 0
            for await signal in signals {
                guard signal != .sighup else {
                    let read = {
                        readModelsAgain()
                        readKeysAgain()
                        tls?.reload()
                    }
                    if let manager = configuration.serviceManager { manager.tellReloading(read) } else { read() }
                    continue
                }
                count += 1
                if count > 1 { exit(128 + signal.rawValue) }
                logger.info("\(signal): finishing the requests in flight")
                group.addTask { await drain(then: services) }
            }
        }
    }

    private func readKeysAgain() {
        guard let keys = configuration.keys, keys.hasFile else { return }
        do throws(KeysError) {
            let count = try keys.reload()
            logger.info("SIGHUP: the file of API keys was read again; \(count) are known")
        } catch {
            logger.error("SIGHUP: the API keys stay as they were: \(error)")
        }
    }

    private func drain(then services: ServiceGroup) async {
        store.leave()
        configuration.serviceManager?.tellStopping(within: configuration.drainDelay + configuration.drainTimeout)
        // Cancelled only when there is no server any more.
        try? await Task.sleep(for: configuration.drainDelay)
        store.drain()
        do {
            try await withDeadline(.now + configuration.drainTimeout) { await inFlight.reachesZero() }
        } catch {
            logger.warning("requests were in flight for longer than the drain timeout, and are cut off")
            connections.closeAll()
            adminConnections.closeAll()
        }
        // Requests in them are refused, which is an answer.
        await acceptQueues.drain(
            handshakes: min(configuration.drainDelay, .milliseconds(100)),
            within: min(configuration.drainTimeout, .seconds(1)), on: Self.loops)
        await services.triggerGracefulShutdown()
    }
}
