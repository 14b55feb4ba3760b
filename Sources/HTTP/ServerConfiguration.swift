import PenstockServing

/// The configuration of where and how the web server listens.
public struct ServerConfiguration: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port; 0 for any that is free.
    public var port = 8000
    /// The address at which to answer what is for operators, without asking for a key; nil for beside everything else.
    public var adminAddress: ListenAddress?
    /// The address at which to answer calls of gRPC; nil for none.
    public var grpcAddress: ListenAddress?
    /// The files for TLS; nil for none.
    public var tls: TLSFiles?
    /// The time that requests wait for a model that is not loaded; with 0 they are told at once to come back.
    public var loadTimeout = Duration.zero
    /// Bytes of the largest request body.
    public var maxBodyBytes = 32 << 20
    /// The time for which requests are still taken when the server goes down and `/ready` says so, so that balancers
    /// hear of it first.
    public var drainDelay = Duration.zero
    /// The time that requests in flight may take to finish when the server goes down.
    public var drainTimeout = Duration.seconds(30)
    /// The most connections that are open at one time; nil for as many as the limit of open files carries.
    public var maxConnections: Int?
    /// The time that the head of a request may take.
    public var headTimeout = Duration.seconds(15)
    /// The time that a connection may be open without a request.
    public var idleTimeout = Duration.seconds(45)
    /// The time that a client may take to receive anything of what is sent to it.
    public var sendTimeout = Duration.seconds(30)
    /// The time between looks for streams of events that have nothing to tell, and say that they live; 0 for no looks.
    public var keepAliveInterval = Duration.seconds(10)
    /// Bytes that the bodies and answers of all requests in flight may take together.
    public var maxInFlightBytes = 192 << 20
    /// The origins whose pages may call the server from a browser (CORS).
    public var corsAllowOrigins: [AllowedOrigin] = []
    /// The keys by which clients are known; nil if everybody is let in.
    package var keys: KeyStore?
    /// Makes a source of a model that an administrator wants; nil if nobody may administer.
    package var modelSource: (@Sendable (ModelWish) throws(ModelRefusal) -> ModelSource)?
    /// Reads again which models there are to be; nil if nothing can be read again.
    package var readModels: (@Sendable () throws -> [ModelSource])?
    /// The clock of streams that wait.
    package var scheduleBeat = StreamBeats.clock
    /// The one who has started the server and wants to hear how it is; nil for none.
    package var serviceManager: ServiceManager?
    /// Is told of each request when its answer is ready.
    package var reportRequest: (@Sendable (RequestRecord) -> Void)?
    /// The collectors of traces and metrics; nil for none.
    package var telemetry: TelemetrySettings?
    /// The servers under whose names metrics are told beside our own.
    package var metricsCompatibility: [CompatibleMetrics] = []
    /// True if there is a page at `/ui` on which models can be tried.
    public var hasPlayground = true
    /// True if clients are told what went wrong inside the server, beyond an id.
    public var exposeErrors = false

    /// The defaults.
    public init() {}
}
