/// Where and how the web server listens.
public struct ServerConfiguration: Sendable {
    /// The address to listen on.
    public var host: String
    /// The port; 0 for any that is free.
    public var port: Int
    /// Bytes of the largest request body.
    public var maxBodyBytes: Int

    /// A configuration with these values, the rest at their defaults.
    public init(host: String = "127.0.0.1", port: Int = 8000, maxBodyBytes: Int = 2 << 20) {
        self.host = host
        self.port = port
        self.maxBodyBytes = maxBodyBytes
    }
}
