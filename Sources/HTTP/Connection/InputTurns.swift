import DequeModule
import NIOCore

/// Shares the time of an event loop between connections that have sent more than is handed on at one time.
///
/// An event loop does all that there is to do, and what comes of it, before it looks for input again. So a connection whose
/// small requests or chunks are all handed on as they come keeps it from all others for as long as they last. What is left
/// of them is handed on in turns instead, and between two of them the loop looks for input.
package final class InputTurns {
    /// Who waits for a turn.
    protocol Holder: AnyObject {
        /// Hands some input on.
        func takeTurn()
    }

    /// How long the turns take that are taken one after the other.
    private static let spell = TimeAmount.microseconds(500)
    private static let pause = TimeAmount.microseconds(100)

    private let eventLoop: any EventLoop
    /// How often the loop has looked for input.
    private let ticks: () -> Int
    private var waiting = Deque<any Holder>()
    private var isScheduled = false

    /// - Parameter ticks: how often the loop has looked for input
    package init(on eventLoop: any EventLoop, ticks: @escaping () -> Int) {
        (self.eventLoop, self.ticks) = (eventLoop, ticks)
    }

    /// Gives a turn to somebody who waits for none yet.
    func append(_ holder: any Holder) {
        waiting.append(holder)
        schedule(after: ticks())
    }

    private func schedule(after tick: Int) {
        guard !isScheduled else { return }
        isScheduled = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.isScheduled = false
            // Time may have passed with work only.
            guard self.ticks() != tick else { return self.schedule(after: tick) }
            self.takeTurns()
        }
    }

    private func takeTurns() {
        let end = eventLoop.now + Self.spell
        var count = waiting.count
        while count > 0, let next = waiting.popFirst() {
            next.takeTurn()
            count -= 1
            if eventLoop.now >= end { break }
        }
        if !waiting.isEmpty { schedule(after: ticks()) }
    }
}

/// The turns of each event loop of a group.
struct LoopTurns: Sendable {
    private let turns: [ObjectIdentifier: NIOLoopBoundBox<InputTurns>]

    init(of group: any EventLoopGroup, _ ticks: LoopTicks) {
        var turns: [ObjectIdentifier: NIOLoopBoundBox<InputTurns>] = [:]
        for loop in group.makeIterator() {
            turns[ObjectIdentifier(loop)] = .makeBoxSendingValue(
                InputTurns(on: loop) { ticks.count(of: loop) }, eventLoop: loop)
        }
        self.turns = turns
    }

    /// The turns of an event loop; to be asked for on its thread.
    subscript(loop: any EventLoop) -> InputTurns {
        guard let turns = turns[ObjectIdentifier(loop)] else { preconditionFailure("the loop is of another group") }
        return turns.value
    }
}
