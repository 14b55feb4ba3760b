/// The rules that a connection's requests are subject to.
package struct ConnectionRules: Sendable {
    /// The time that a client may still begin a request when the server ends: less than it waits for connections.
    static let farewell = Duration.seconds(1)

    let table: ConnectionTable
    let inFlight: InFlightCount
    let lingering = Lingering.Count()
    let maxBodyBytes: Int
    /// The time that the head of a request may take, from the connection's or its own first byte.
    let headTimeout: Duration
    /// The time that a connection may be without a request.
    let idleTimeout: Duration
    /// The time that a client may take to receive something.
    let sendTimeout: Duration
    /// The origins whose pages may read a refusal in a browser.
    let crossOrigin: CrossOrigin
    /// Tells whether the server goes down, so that clients are to have their next requests answered elsewhere.
    let isLeaving: @Sendable () -> Bool
    /// Is told of requests that are refused before anything else sees them.
    let countRefusal: @Sendable (ClientError) -> Void

    package init(
        table: ConnectionTable, inFlight: InFlightCount, maxBodyBytes: Int, headTimeout: Duration,
        idleTimeout: Duration,
        sendTimeout: Duration, allowedOrigins: [AllowedOrigin] = [],
        isLeaving: @escaping @Sendable () -> Bool = { false },
        countRefusal: @escaping @Sendable (ClientError) -> Void
    ) {
        self.table = table
        self.inFlight = inFlight
        self.maxBodyBytes = maxBodyBytes
        self.headTimeout = headTimeout
        self.idleTimeout = idleTimeout
        self.sendTimeout = sendTimeout
        crossOrigin = CrossOrigin(allowedOrigins)
        self.isLeaving = isLeaving
        self.countRefusal = countRefusal
    }
}
