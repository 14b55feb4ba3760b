import Hummingbird
import Logging
import NIOCore
import PenstockServing

/// What is known of a request beside itself.
package struct ServerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// When the request's headers were there.
    package let arrival = ContinuousClock.now
    /// On whose behalf it comes.
    package var caller: Caller

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        caller = Caller(in: source.channel.remoteAddress.map(Flow.init(from:)) ?? .others)
    }

    /// Whether the client has hung up.
    var clientIsGone: @Sendable () -> Bool {
        let connection = ConnectionState.current
        return { connection?.clientIsGone ?? false }
    }
}
