import ArgumentParser
import Logging
import NIOCore
import PenstockHTTP
import PenstockHub
import PenstockPipelines
import PenstockServing

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve models over HTTP.",
        discussion: """
            The port is open from the first moment: GET /health tells that the process lives, GET /ready that the models are \
            loaded, which are downloaded from the Hub if they are not in the cache. SIGTERM and SIGINT let the requests in \
            flight finish; a second one ends at once.

            Each option can also be given by the environment, as PENSTOCK_ and its name in capitals with underscores, and by \
            the file of --config; the command line stands above both.

            Examples:

              penstock serve google-bert/bert-base-uncased
              penstock serve masks=google-bert/bert-base-uncased \\
                sentences=sentence-transformers/all-MiniLM-L6-v2 --port 9000
              penstock serve google-bert/bert-base-uncased --dtype auto --api-keys keys.txt
              penstock serve google-bert/bert-base-uncased sentence-transformers/all-MiniLM-L6-v2 \
                --memory 2GiB --pin google-bert/bert-base-uncased --load-timeout 10
              penstock serve --config penstock.yaml
            """)

    @Argument(
        help: """
            \(ModelHelp.text), or several of them, each as NAME=MODEL. The first is served at /, each at /models/NAME; without \
            a name it has that of its directory, or its id. A name may have an owner, as in google-bert/bert-base-uncased.
            """, completion: ModelHelp.completion)
    var models: [NamedModel] = []

    @Option(
        help: ArgumentHelp(
            "A file of settings in YAML: these options by their names, models, and keys; see docs/CONFIGURATION.md.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml", "json"]))
    var config: String?

    @Option(name: .customLong(ModelEntry.option), help: .private, transform: ModelEntry.init(argument:))
    var entries: [ModelEntry] = []

    @OptionGroup var wish: GGUFOption
    @OptionGroup var loading: LoadingOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup(title: "Models") var store: StoreOptions
    @OptionGroup(title: "Server") var server: ServerOptions
    @OptionGroup(title: "Security") var security: SecurityOptions
    @OptionGroup(title: "Gate") var gate: GateOptions

    func validate() throws {
        let models = served
        guard !models.isEmpty else {
            let place = config.map { "in \($0.shown)" } ?? "or a file by --config"
            throw ValidationError("There are no models: name one, or several as NAME=MODEL, \(place).")
        }
        for (index, model) in models.enumerated()
        where models[..<index].contains(where: { $0.model.name == model.model.name }) {
            throw ValidationError("There are two models of the name \(model.model.name); write NAME=MODEL.")
        }
        try store.check(names: models.map(\.model.name))
    }

    /// The models with their settings: those of the command line, or else of the environment or the file.
    private var served: [ModelEntry] {
        models.isEmpty
            ? entries : models.map { ModelEntry(model: $0, gguf: wish.gguf, loading: loading, gate: gate) }
    }

    private func sources(_ progress: @escaping @Sendable () -> any DownloadProgress) -> [ModelSource] {
        served.map { $0.source(store, progress: progress) }
    }

    /// The command of this process's arguments, with the environment and the file as they are now.
    ///
    /// - Throws: ``CommandFailure`` that says what is wrong
    private static func readAgain() throws(CommandFailure) -> Serve {
        let arguments = try ServeArguments.ofProcess(Array(CommandLine.arguments.dropFirst(2))).arguments
        do {
            return try parse(arguments)
        } catch {
            throw CommandFailure(message: message(for: error), status: 2)
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap { ServerLogHandler(label: $0, queue: .standardError) }
        var configuration = server.configuration
        configuration.keys = try security.keys(config: config)
        configuration.tls = security.tls
        configuration.reportRequest = server.requestLog.report
        configuration.loadTimeout = store.loadTimeout.duration
        do throws(TelemetryError) {
            configuration.telemetry = try TelemetrySettings { ProcessEnvironment.value(of: $0) }
        } catch {
            throw CommandFailure(message: error.description, status: 2)
        }
        let logger = Logger(label: "penstock")
        configuration.serviceManager = ProcessEnvironment.value(of: "NOTIFY_SOCKET").flatMap { socket in
            ServiceManager(socket: socket) { logger.warning("\($0)") }
        }
        let isAlone = served.count == 1 && !security.admin && config == nil
        let progress = { @Sendable in ProgressDisplay.ofServer(logger, isAlone: isAlone) }
        if security.admin {
            let wished = WishedModel(root: security.modelRoot, loading: loading, gate: gate, progress: progress)
            configuration.modelSource = { (wish) throws(ModelRefusal) in try wished.source(of: wish) }
        }
        if config != nil { configuration.readModels = { try Self.readAgain().sources(progress) } }
        let sources = sources(progress)
        let server = PenstockServer(
            configuration,
            on: try Scheduler(threads: threads.count, ledger: MemoryLedger(budget: store.memory?.bytes)), logger: logger
        )
        do {
            try await server.run(sources)
        } catch  where error is IOError || error is SocketAddressError.UnknownHost {
            let addresses =
                ["\(self.server.host):\(self.server.port)"]
                + [self.server.adminAddress, self.server.grpcAddress].compactMap { $0.map { "\($0)" } }
            throw CommandFailure(
                message: "cannot listen on \(addresses.joined(separator: " or ")): \(FailureMessage.line(for: error))")
        }
    }
}

/// Where and how `serve` listens.
struct ServerOptions: ParsableArguments {
    @Option(help: "The address to listen on; 0.0.0.0 for all.")
    var host = ServerConfiguration().host

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = ServerConfiguration().port

    @Option(
        help: ArgumentHelp(
            "An address of its own for /metrics, which needs no key there; nothing is served at it but that, /health and /ready.",
            valueName: "host:port"))
    var adminAddress: ListenAddress?

    @Option(
        help: ArgumentHelp(
            "An address at which the Open Inference Protocol is answered over gRPC, with health and reflection.",
            valueName: "host:port"))
    var grpcAddress: ListenAddress?

    @Option(help: "Bytes of the largest request body.")
    var maxBodyBytes = ServerConfiguration().maxBodyBytes

    @Option(help: "Connections that are open at one time; by default as many as the limit of open files carries.")
    var maxConnections: Int?

    @Option(help: "Bytes that the bodies and answers of all requests in flight may take together.")
    var maxInFlightBytes = ServerConfiguration().maxInFlightBytes

    @Option(help: "Seconds that the head of a request may take.")
    var headTimeout = Seconds(ServerConfiguration().headTimeout)

    @Option(help: "Seconds that a connection may be open without a request.")
    var idleTimeout = Seconds(ServerConfiguration().idleTimeout)

    @Option(help: "Seconds in which a client has to take at least some of what is sent to it.")
    var sendTimeout = Seconds(ServerConfiguration().sendTimeout)

    @Option(help: "Seconds between looks for streams that have nothing to tell, and get a comment; 0 for none.")
    var keepAliveInterval = Seconds(ServerConfiguration().keepAliveInterval)

    @Option(help: "Seconds for which requests are still taken when the server goes down, and /ready says so.")
    var drainDelay = Seconds(ServerConfiguration().drainDelay)

    @Option(help: "Seconds that requests in flight may take to finish when the server goes down.")
    var drainTimeout = Seconds(ServerConfiguration().drainTimeout)

    @Option(
        name: .customLong("cors-allow-origin"),
        help: ArgumentHelp(
            "An origin whose pages may call the server from a browser, such as https://example.com; * for all. Can be repeated.",
            valueName: "origin"))
    var corsAllowOrigins: [AllowedOrigin] = []

    @Option(
        help:
            "Log each request on standard error: off, text or json. Content and keys are never told, names of keys are.",
        completion: Choice.completion(RequestLog.self), transform: Choice.named)
    var requestLog = RequestLog.off

    @Option(
        help: ArgumentHelp(
            "A server under whose names /metrics tells what it knows, too: vllm or tei. Can be repeated.",
            valueName: "server"), completion: Choice.completion(CompatibleMetrics.self), transform: Choice.named)
    var metricsCompat: [CompatibleMetrics] = []

    @Flag(
        name: .customLong("ui"), inversion: .prefixedNo,
        help: "Have a page at /ui on which the models can be tried in a browser.")
    var hasPlayground = ServerConfiguration().hasPlayground

    @Flag(help: "Tell clients what went wrong inside the server, beyond an id.")
    var exposeErrors = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port has to be from 0 to 65535.") }
        guard maxBodyBytes > 0 else { throw ValidationError("--max-body-bytes has to be positive.") }
        guard maxConnections ?? 1 > 0 else { throw ValidationError("--max-connections has to be positive.") }
        guard maxInFlightBytes > 0 else { throw ValidationError("--max-in-flight-bytes has to be positive.") }
        for (name, time) in [("head", headTimeout), ("idle", idleTimeout), ("send", sendTimeout)] {
            guard time.duration > .zero else { throw ValidationError("--\(name)-timeout has to be positive.") }
        }
    }

    var configuration: ServerConfiguration {
        var configuration = ServerConfiguration()
        (configuration.host, configuration.port) = (host, port)
        configuration.adminAddress = adminAddress
        configuration.grpcAddress = grpcAddress
        configuration.maxBodyBytes = maxBodyBytes
        configuration.maxConnections = maxConnections
        configuration.maxInFlightBytes = maxInFlightBytes
        configuration.headTimeout = headTimeout.duration
        configuration.idleTimeout = idleTimeout.duration
        configuration.sendTimeout = sendTimeout.duration
        configuration.keepAliveInterval = keepAliveInterval.duration
        configuration.drainDelay = drainDelay.duration
        configuration.drainTimeout = drainTimeout.duration
        configuration.corsAllowOrigins = corsAllowOrigins
        configuration.metricsCompatibility = metricsCompat
        configuration.hasPlayground = hasPlayground
        configuration.exposeErrors = exposeErrors
        return configuration
    }
}

/// What `serve` lets in and how it batches.
struct GateOptions: ParsableArguments {
    @Option(help: "Tokens computed at one time; auto for as many as make good use of the processor.")
    var maxBatchTokens = TokenBudget(tokens: nil)

    @Option(help: "Seconds that an idle engine waits for company for the first sequence of a batch.")
    var batchLinger = Seconds(ServingConfiguration().batchLinger)

    @Option(help: "Tokens that may wait at one time.")
    var maxQueueTokens = ServingConfiguration().maxQueueTokens

    @Option(
        help: "Seconds for an answer, or the first token of a stream; the header X-Request-Timeout can only shorten it."
    )
    var requestTimeout = Seconds(ServingConfiguration().requestTimeout)

    @Option(
        help:
            "Seconds that the rest of a streamed text may take, once its first token is there within --request-timeout."
    )
    var streamTimeout = Seconds(ServingConfiguration().streamTimeout)

    @Option(
        help:
            "Seconds that texts being generated wait for their next tokens at most because prompts of others are computed."
    )
    var tokenGap = Seconds(ServingConfiguration().tokenGap)

    @Option(help: "Tokens that are guessed at most for a text, by what it has said before; 0 for none.")
    var lookup = ServingConfiguration().lookup

    @Option(
        help: ArgumentHelp(
            "The memory for keys and values of a model that generates, such as 2GiB; by default a quarter of what is left.",
            valueName: "size"))
    var kvMemory: MemorySize?

    func validate() throws {
        guard streamTimeout.duration > .zero else { throw ValidationError("--stream-timeout has to be positive.") }
        guard ServingConfiguration.lookups.contains(lookup) else { throw ValidationError("--lookup is 0 to 32.") }
        guard tokenGap.duration > .zero else { throw ValidationError("--token-gap has to be positive.") }
        guard maxQueueTokens > 0 else { throw ValidationError("--max-queue-tokens has to be positive.") }
        guard requestTimeout.duration > .zero else { throw ValidationError("--request-timeout has to be positive.") }
    }

    var configuration: ServingConfiguration {
        var configuration = ServingConfiguration()
        configuration.maxBatchTokens = maxBatchTokens.tokens
        configuration.batchLinger = batchLinger.duration
        configuration.maxQueueTokens = maxQueueTokens
        configuration.requestTimeout = requestTimeout.duration
        configuration.streamTimeout = streamTimeout.duration
        configuration.tokenGap = tokenGap.duration
        configuration.lookup = lookup
        configuration.keyValueBytes = kvMemory?.bytes
        return configuration
    }
}

extension ListenAddress: ExpressibleByArgument {
    /// `HOST:PORT`.
    public init?(argument: String) { self.init(argument) }
}
