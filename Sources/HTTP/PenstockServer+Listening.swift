import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The routes and the addresses on which they are answered.
extension PenstockServer {
    /// The routes, also for tests that need no socket.
    package var router: Router<ServerContext> {
        let reader = RequestReader(configuration, memory: memory)
        let requests = ObjectRequests(store: store, reader: reader)
        let texts = TextRequests(store: store, reader: reader)
        let tokenization = TokenizeAPI(requests: texts)
        let rerank = RerankAPI(requests: requests).routes
        let openAI =
            ModelsAPI(store: store).routes + EmbeddingsAPI(requests: requests).routes
            + GenerationAPI(generation: GenerationRequests(requests: requests)).routes
        let apis: [RouteTable.Route] =
            PipelineAPI(store: store, reader: reader).routes
            + openAI + (openAI + rerank).compactMap(\.asOfKServe)
            + openInference(requests)
            + generation(requests, TextTokensAPI(requests: requests, native: tokenization))
            + TextEmbeddingsAPI(requests: requests).routes
            + VertexAPI(requests: requests).routes
            + TextTokensAPI(requests: requests, native: tokenization).routes
            + rerank + ScoreAPI(requests: requests).routes
            + CohereEmbedAPI(requests: requests).routes
            + tokenization.routes + ApplyTemplateAPI(requests: texts).routes
            + HealthAPI(store: store).routes + HealthAPI(store: store).furtherRoutes
            + (configuration.adminAddress == nil ? metrics(tellsAll: false).routes : [])
            + InfoAPI(store: store, configuration: configuration).routes
            + (configuration.adminAddress == nil ? administration(requests) : [])
            + PagesAPI(hasPlayground: configuration.hasPlayground).routes
        let (isOpen, hasKeys) = (isOpen, configuration.keys != nil)
        let description = OpenAPIAPI(store: store, others: apis) { access in
            hasKeys && (access == .administrators || access != .everybody && !isOpen)
        }
        return router(apis + description.routes, isOpen: isOpen)
    }

    /// The routes for operators, if they have an address of their own. Only what changes something needs a key.
    package var adminRouter: Router<ServerContext> {
        let requests = ObjectRequests(store: store, reader: RequestReader(configuration, memory: memory))
        let repository = ModelRepositoryAPI(requests: requests, administration: administrators(requests))
        return router(
            HealthAPI(store: store).routes + metrics(tellsAll: true).routes + administration(requests)
                + repository.changes,
            isOpen: true)
    }

    /// True if only administrators need a key.
    var isOpen: Bool { configuration.keys?.isForAdministratorsOnly ?? true }

    /// Tells everybody of a request who wants to hear of it; nil if nobody does.
    private var report: (@Sendable (RequestRecord) -> Void)? {
        guard let telemetry else { return configuration.reportRequest }
        return { [report = configuration.reportRequest] record in
            report?(record)
            telemetry.record(record)
        }
    }

    var counter: RequestCounter { RequestCounter(metrics: registry, store: store) }

    /// - Parameter tellsAll: whether whoever asks is told of all models
    private func metrics(tellsAll: Bool) -> MetricsAPI {
        MetricsAPI(
            store: store, registry: registry, compatibility: configuration.metricsCompatibility, tellsAll: tellsAll)
    }

    /// The routes for administrators; none if nobody may administer.
    private func administration(_ requests: ObjectRequests) -> [RouteTable.Route] {
        administrators(requests)?.routes ?? []
    }

    /// The actions of administrators; nil if nobody may do them.
    func administrators(_ requests: ObjectRequests) -> AdminAPI? {
        guard configuration.keys != nil, let source = configuration.modelSource else { return nil }
        return AdminAPI(requests: requests, source: source)
    }

    /// The routes of Ollama, Anthropic, llama-server, Text Generation Inference and Triton that generate.
    private func generation(_ requests: ObjectRequests, _ tokens: TextTokensAPI) -> [RouteTable.Route] {
        let generation = GenerationRequests(requests: requests)
        return OllamaAPI(generation: generation).routes + OllamaModelsAPI(requests: requests).routes
            + OllamaEmbedAPI(requests: requests).routes + MessagesAPI(generation: generation).routes
            + LlamaServerAPI(generation: generation, tokens: tokens).routes
            + TextGenerationAPI(requests: requests).routes + GenerateAPI(generation: generation).routes
    }

    /// The routes of KServe and Triton.
    private func openInference(_ requests: ObjectRequests) -> [RouteTable.Route] {
        return InferAPI(store: store, reader: requests.reader).routes
            + inferenceModels(requests).routes
            + statistics.routes
            + repository(requests).routes
            + PredictAPI(store: store, reader: requests.reader).routes
    }

    var statistics: InferenceStatisticsAPI { InferenceStatisticsAPI(store: store, registry: registry) }

    func inferenceModels(_ requests: ObjectRequests) -> InferenceModelsAPI {
        InferenceModelsAPI(store: store, isAdministered: repository(requests).administration != nil)
    }

    /// The models as a repository, which is administered where everything else is.
    func repository(_ requests: ObjectRequests) -> ModelRepositoryAPI {
        ModelRepositoryAPI(
            requests: requests, administration: configuration.adminAddress == nil ? administrators(requests) : nil)
    }

    /// - Parameters:
    ///   - isOpen: whether only administrators need a key
    ///   - errors: the envelope of errors at paths without a route; nil for that of the API that they would belong to
    func router(_ routes: [RouteTable.Route], isOpen: Bool, errors: ErrorEnvelope? = nil) -> Router<ServerContext> {
        let table = RouteTable(routes, fallback: errors)
        let router = Router(context: ServerContext.self)
        router.add(
            middleware: RequestMiddleware(
                routes: table, counter: counter, exposesErrors: configuration.exposeErrors,
                crossOrigin: CrossOrigin(configuration.corsAllowOrigins), store: store,
                report: report))
        if let keys = configuration.keys {
            router.add(middleware: KeyMiddleware(keys: keys, isOpen: isOpen, routes: table))
        }
        for route in table.routes { router.on(RouterPath(route.path), method: route.method, use: route.handler) }
        return router
    }

    /// Returns what listens, an application for each address.
    ///
    /// - Parameters:
    ///   - tls: what the address for everybody needs for TLS; nil for none
    ///   - onListening: called when that address is open
    func applications(_ tls: ServerTLS?, onListening: @Sendable @escaping () -> Void) -> [any Service] {
        var applications: [any Service] = [
            application(
                router, at: ListenAddress(host: configuration.host, port: configuration.port), connections, tls
            ) { [logger] url in
                logger.info("listening on \(url)")
                onListening()
            }
        ]
        if let address = configuration.adminAddress {
            applications.append(
                application(adminRouter, at: address, adminConnections, nil) { [logger] url in
                    logger.info("metrics on \(url)")
                })
        }
        if let address = configuration.grpcAddress {
            applications.append(
                application(rpcRouter, at: address, connections, tls, isHTTP2Only: true) { [logger] url in
                    logger.info("gRPC on \(url)")
                })
        }
        return applications
    }

    private func application(
        _ router: Router<ServerContext>, at address: ListenAddress, _ table: ConnectionTable, _ tls: ServerTLS?,
        isHTTP2Only: Bool = false,
        onListening: @Sendable @escaping (_ url: String) -> Void
    ) -> some ApplicationProtocol {
        let rules = ConnectionRules(
            table: table, inFlight: inFlight, maxBodyBytes: configuration.maxBodyBytes,
            headTimeout: configuration.headTimeout,
            idleTimeout: configuration.idleTimeout, sendTimeout: configuration.sendTimeout,
            allowedOrigins: configuration.corsAllowOrigins,
            isLeaving: { [store] in store.isLeaving },
            countRefusal: tellOfRefusal)
        // The framework reports what is reported here, too.
        var quieter = logger
        quieter.logLevel = max(logger.logLevel, .warning)
        return Application(
            router: router,
            server: HTTPServerBuilder {
                HTTPConnection(
                    responder: $0, rules: rules, turns: Self.turns, tls: tls?.context, isHTTP2Only: isHTTP2Only)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "penstock",
                availableConnectionsDelegate: table.acceptance),
            onServerRunning: { [logger, acceptQueues] channel in
                try? await channel.pipeline.addHandler(
                    AcceptErrorHandler(logger: logger, on: channel.eventLoop), position: .first)
                let queue = AcceptQueue(of: channel)
                try? await channel.pipeline.addHandler(queue)
                acceptQueues.add(queue)
                let scheme = tls == nil ? "http" : "https"
                onListening(channel.localAddress.map { "\(scheme)://\(Self.authority(of: $0))" } ?? "\(channel)")
            },
            eventLoopGroupProvider: .shared(Self.loops), logger: quieter)
    }

    /// Counts what is refused before anything else sees it, and tells of it in the log.
    package var tellOfRefusal: @Sendable (ClientError) -> Void {
        return { [registry, report = configuration.reportRequest] error in
            RequestCounter.count(outcome: error.code.rawValue, in: registry)
            report?(RequestRecord(refused: error))
        }
    }

    private static func authority(of address: SocketAddress) -> ListenAddress {
        ListenAddress(host: address.ipAddress ?? "localhost", port: address.port ?? 0)
    }
}
