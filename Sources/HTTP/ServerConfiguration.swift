/// Where and how the web server listens.
public struct ServerConfiguration: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port; 0 for any that is free.
    public var port = 8000
    /// Bytes of the largest request body.
    public var maxBodyBytes = 2 << 20
    /// How long requests in flight may take to finish when the server goes down.
    public var drainTimeout = Duration.seconds(30)
    /// Whether clients are told what went wrong inside the server, beyond an id.
    public var exposeErrors = false

    /// The defaults.
    public init() {}
}
