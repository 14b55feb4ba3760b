import NIOCore
import Synchronization

/// A connection behind its last answer: the client may go on sending, and comes to its answer when that is read.
///
/// The bytes are thrown away, which costs little; but they come as fast as they are read, from many at the same time, and
/// an event loop that reads all of them does little else. So all such connections together are read once in an interval.
final class Lingering {
    /// The number of connections that linger.
    final class Count: Sendable {
        private static let interval = TimeAmount.microseconds(500)

        private let connections = Atomic<Int>(0)

        fileprivate func enter() { connections.wrappingAdd(1, ordering: .relaxed) }

        fileprivate func leave() { connections.wrappingSubtract(1, ordering: .relaxed) }

        /// The time from one read of a connection to its next.
        fileprivate var pause: TimeAmount { Self.interval * max(connections.load(ordering: .relaxed), 1) }
    }

    /// The time that a client may go on sending.
    static let time = Duration.seconds(2)
    /// The bytes that a client may go on sending if the largest body has fewer.
    private static let mostBytes = 4 << 20

    private let count: Count
    private var bytesLeft: Int
    private var nextRead: Scheduled<Void>?

    init(_ rules: ConnectionRules) {
        count = rules.lingering
        bytesLeft = max(Self.mostBytes, rules.maxBodyBytes)
        count.enter()
    }

    deinit { count.leave() }

    /// Throws bytes away. Returns false if there are too many.
    func discard(_ bytes: Int) -> Bool {
        bytesLeft -= bytes
        return bytesLeft >= 0
    }

    /// Reads once more when it is this connection's turn.
    func readInTurn(_ context: ChannelHandlerContext) {
        guard nextRead == nil else { return }
        nextRead = context.eventLoop.assumeIsolated().scheduleTask(in: count.pause) { [weak self] in
            self?.nextRead = nil
            context.read()
        }
    }

    func stop() { nextRead?.cancel() }
}
