import Hummingbird
import Logging
import NIOCore
import PenstockServing

/// The context of a request: what is known of it beside itself.
package struct ServerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// When the request's headers were there.
    package let arrival = ContinuousClock.now
    /// By which it is found in the log.
    var requestID = ""
    /// The notes of what becomes of it.
    let notes = RequestNotes()
    /// The envelope in which its errors are told.
    let errors = EnvelopeChoice()
    /// On whose behalf it comes.
    package var caller: Caller

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        caller = Caller(in: source.channel.remoteAddress.map(Flow.init(from:)) ?? .others)
    }

    /// The one who waits for its answer.
    ///
    /// - Parameters:
    ///   - deadline: when the answer has to be there, or the first part of one that is streamed
    ///   - streamDeadline: when all of an answer that is streamed has to be there; nil if the client does not say
    func client(
        until deadline: ContinuousClock.Instant, streamsUntil streamDeadline: ContinuousClock.Instant? = nil
    ) -> Client {
        let connection = ConnectionState.current
        return Client(of: caller, deadline: deadline, streamDeadline: streamDeadline, notes: notes) {
            connection?.clientIsGone ?? false
        }
    }
}
