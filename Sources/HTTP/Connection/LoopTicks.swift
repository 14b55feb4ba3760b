import NIOCore
import NIOPosix
import Synchronization

/// Counts how often each event loop has done all that there was to do, and looks for input again.
final class LoopTicks: NIOEventLoopMetricsDelegate {
    private let counts = Mutex<[ObjectIdentifier: Int]>([:])

    func processedTick(info: NIOEventLoopTickInfo) {
        counts.withLock { $0[info.eventLoopID, default: 0] += 1 }
    }

    /// How often an event loop has.
    func count(of eventLoop: any EventLoop) -> Int {
        counts.withLock { $0[ObjectIdentifier(eventLoop), default: 0] }
    }
}
