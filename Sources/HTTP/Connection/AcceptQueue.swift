import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The connections to an address that the system has made and the server has not accepted. Their clients believe that
/// they are connected, and are reset if the server stops to listen.
package final class AcceptQueue: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    package typealias InboundIn = Any

    private struct Emptying {
        let promise: EventLoopPromise<Void>
        let end: Scheduled<Void>
    }

    private let channel: any Channel
    private let emptying: NIOLoopBoundBox<Emptying?>

    /// - Parameter channel: the one that listens, in whose pipeline the queue is a handler
    package init(of channel: any Channel) {
        self.channel = channel
        emptying = .makeEmptyBox(valueType: Emptying.self, eventLoop: channel.eventLoop)
    }

    /// Lets no more connections begin, as far as the system can, and returns when those that have begun are accepted.
    ///
    /// - Parameters:
    ///   - handshakes: the time for clients to end the handshakes that are under way
    ///   - patience: the longest time for the server to accept them
    package func drain(handshakes: Duration, within patience: Duration) async {
        try? await channel.eventLoop.submit { self.ignoreOthers() }.get()
        try? await Task.sleep(for: handshakes)
        try? await channel.eventLoop.flatSubmit { self.empty(within: patience) }.get()
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        look()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    private func empty(within patience: Duration) -> EventLoopFuture<Void> {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let end = channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { self.finish() }
        emptying.value = Emptying(promise: promise, end: end)
        look()
        return promise.futureResult
    }

    private func finish() {
        guard let ended = emptying.value else { return }
        emptying.value = nil
        ended.end.cancel()
        ended.promise.succeed()
    }

    /// Ends the wait if nobody is in the queue. Otherwise the channel is about to accept some, and comes back.
    private func look() {
        guard emptying.value != nil else { return }
        #if os(Linux)
            guard channel.isActive, let socket = channel as? any SocketOptionProvider else { return finish() }
            socket.getTCPInfo().assumeIsolated().whenComplete { result in
                // Of a socket that listens, this is the number of connections that can be accepted.
                if case .success(let info) = result, info.tcpi_unacked > 0 { return }
                self.finish()
            }
        #else
            finish()
        #endif
    }

    /// Has the system drop what would begin a connection, which clients send again a second later: then nobody listens,
    /// and they are told so, or somebody else does. Connections that have begun go on.
    private func ignoreOthers() {
        #if os(Linux)
            guard channel.isActive, let socket = channel as? any SocketOptionProvider else { return }
            ListenFilter.withProgram { program in
                _ = socket.unsafeSetSocketOption(
                    level: .socket, name: NIOBSDSocket.Option(rawValue: SO_ATTACH_FILTER), value: program)
            }
        #endif
    }
}

/// The queues of all addresses of a server.
final class AcceptQueues: Sendable {
    private let queues = Mutex([AcceptQueue]())

    func add(_ queue: AcceptQueue) { queues.withLock { $0.append(queue) } }

    /// Drains all of them, and returns when whoever serves connections has what was accepted.
    ///
    /// - Parameter loops: those of the connections and of the channels that listen
    func drain(handshakes: Duration, within patience: Duration, on loops: some EventLoopGroup) async {
        await withDiscardingTaskGroup { group in
            for queue in queues.withLock({ $0 }) {
                group.addTask { await queue.drain(handshakes: handshakes, within: patience) }
            }
        }
        // A connection that is accepted goes to its own loop and back, once for its options and once to be set up. One
        // that has not done so when nobody listens any more is closed.
        for _ in 0..<4 {
            for loop in loops.makeIterator() { try? await loop.submit {}.get() }
        }
    }
}

/// A filter of Linux for a socket that listens: of TCP it drops the packets that begin a connection.
private struct ListenFilter {
    /// As the kernel reads it (`sock_filter`).
    private struct Instruction {
        let code: UInt16
        let stepsIfTrue: UInt8
        let stepsIfFalse: UInt8
        let operand: UInt32
    }

    /// As the kernel reads it (`sock_fprog`). It is for the time of a call alone.
    struct Program: @unchecked Sendable {
        fileprivate let count: UInt16
        fileprivate let instructions: UnsafeRawPointer
    }

    /// Flags that say that a packet begins a connection, and that it answers one.
    private static let (begins, answers) = (UInt32(0x02), UInt32(0x10))
    private static let instructions = [
        // The byte of flags in the header of TCP.
        Instruction(code: 0x30, stepsIfTrue: 0, stepsIfFalse: 0, operand: 13),
        Instruction(code: 0x54, stepsIfTrue: 0, stepsIfFalse: 0, operand: begins | answers),
        Instruction(code: 0x15, stepsIfTrue: 0, stepsIfFalse: 1, operand: begins),
        Instruction(code: 0x06, stepsIfTrue: 0, stepsIfFalse: 0, operand: 0),
        Instruction(code: 0x06, stepsIfTrue: 0, stepsIfFalse: 0, operand: .max),
    ]

    static func withProgram(_ body: (Program) -> Void) {
        instructions.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            body(Program(count: UInt16(instructions.count), instructions: start))
        }
    }
}
