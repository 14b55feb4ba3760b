import Hummingbird
import Logging
import NIOCore

/// What is known of a request beside itself.
package struct ServerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// When the request's headers were there.
    package let arrival = ContinuousClock.now
    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// The model that the path names, which may be an id of the Hub in two parts; nil for the first.
    var modelName: String? {
        guard let first = parameters.get("model") else { return nil }
        return parameters.get("part").map { "\(first)/\($0)" } ?? first
    }

    /// Whether the client has hung up.
    var clientIsGone: @Sendable () -> Bool {
        let connection = ConnectionState.current
        return { connection?.clientIsGone ?? false }
    }
}
