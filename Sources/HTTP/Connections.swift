import Hummingbird
import NIOCore
import Synchronization

/// Whether a client has closed its side of a connection.
///
/// Connections may be closed by halves, so that a channel stays active when the client has gone. A client that only says that
/// it will send no more is taken for gone, too, as servers do.
final class ConnectionState: Sendable {
    private let closed = Atomic<Bool>(false)

    var isClosed: Bool { closed.load(ordering: .relaxed) }
    fileprivate func close() { closed.store(true, ordering: .relaxed) }
}

/// The open connections of the process, from their channel, which is all that a request knows of them, to their state.
final class Connections: Sendable {
    static let shared = Connections()

    private let states = Mutex<[ObjectIdentifier: ConnectionState]>([:])

    /// The state of a channel whose pipeline has a ``DisconnectHandler``.
    func state(of channel: any Channel) -> ConnectionState? { states.withLock { $0[ObjectIdentifier(channel)] } }

    fileprivate func add(_ state: ConnectionState, for channel: any Channel) {
        states.withLock { $0[ObjectIdentifier(channel)] = state }
    }

    fileprivate func remove(_ channel: any Channel) {
        states.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }
}

/// Keeps the state of its channel's connection up to date.
final class DisconnectHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let state = ConnectionState()

    func handlerAdded(context: ChannelHandlerContext) { Connections.shared.add(state, for: context.channel) }

    func handlerRemoved(context: ChannelHandlerContext) {
        state.close()
        Connections.shared.remove(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent { state.close() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.close()
        context.fireChannelInactive()
    }
}
