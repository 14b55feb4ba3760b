import Hummingbird
import Logging
import NIOCore

/// What is known of a request beside itself.
package struct ServerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// When the request's headers were there.
    package let arrival = ContinuousClock.now
    private let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Whether the client has hung up.
    var clientIsGone: @Sendable () -> Bool {
        let connection = Connections.shared.state(of: channel)
        return { [channel] in connection?.isClosed ?? !channel.isActive }
    }
}
