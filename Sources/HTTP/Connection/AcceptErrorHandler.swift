import Logging
import NIOCore

/// Keeps a server listening when it cannot accept a connection, for lack of descriptors say: it tries again a little later,
/// instead of at once and for ever.
final class AcceptErrorHandler: ChannelDuplexHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any
    typealias OutboundIn = Any

    private struct State {
        var pause: Scheduled<Void>?
        var isReadWaiting = false
        var lastReport: NIODeadline?
    }

    private static let pause = TimeAmount.milliseconds(100)
    private static let reportInterval = TimeAmount.seconds(10)

    private let logger: Logger
    private let state: NIOLoopBoundBox<State>

    init(logger: Logger, on eventLoop: any EventLoop) {
        self.logger = logger
        state = .makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        report(error)
        state.value.pause?.cancel()
        state.value.pause = context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.state.value.pause = nil
            guard self.state.value.isReadWaiting else { return }
            self.state.value.isReadWaiting = false
            context.read()
        }
    }

    func read(context: ChannelHandlerContext) {
        if state.value.pause == nil { context.read() } else { state.value.isReadWaiting = true }
    }

    private func report(_ error: any Error) {
        guard state.value.lastReport.map({ .now() - $0 > Self.reportInterval }) ?? true else { return }
        state.value.lastReport = .now()
        logger.error("a connection could not be accepted: \(error)")
    }
}
