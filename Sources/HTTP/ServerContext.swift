import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What is known of a request beside itself.
package struct ServerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// When the request's headers were there.
    package let arrival = ContinuousClock.now
    /// The model that it is for, where its path does not tell.
    let askedModel = AskedModel()
    /// The key of the client; nil if it has none, or none is needed.
    package var apiKey: APIKey?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// Whether the client has hung up.
    var clientIsGone: @Sendable () -> Bool {
        let connection = ConnectionState.current
        return { connection?.clientIsGone ?? false }
    }
}

/// The name of the model that a request turns out to be for.
final class AskedModel: Sendable {
    private let content = Mutex<String?>(nil)

    /// Nil as long as it is not known.
    var name: String? {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
