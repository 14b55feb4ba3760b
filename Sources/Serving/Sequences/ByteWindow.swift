import Synchronization

/// Limits the bytes that the elements of a sequence and their results take together. The oldest element may always take
/// more, however much that is: it is the next to be handed on.
package final class ByteWindow: Sendable {
    /// An element's place in the order, until it is handed on.
    package final class Turn: Sendable {
        private let number: Int
        private let window: ByteWindow

        fileprivate init(_ number: Int, _ window: ByteWindow) { (self.number, self.window) = (number, window) }

        /// Waits for room for so many bytes more.
        ///
        /// - Throws: `CancellationError` when the turn is left, or the task cancelled, while it waits.
        package func take(bytes: Int) async throws {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    window.update { $0.wait(number, bytes: bytes, continuation) }
                }
            } onCancel: {
                leave()
            }
        }

        /// Gives back all that was taken.
        package func leave() { window.update { $0.leave(number) } }
    }

    private let state: Mutex<State>

    /// - Parameter bytes: of all elements together
    package init(bytes: Int = 64 << 20) { state = Mutex(State(limit: bytes)) }

    /// The next place in the order.
    package func turn() -> Turn { Turn(state.withLock { $0.takeTurn() }, self) }

    /// Changes the state, and tells those who may go on.
    private func update(_ change: (inout State) -> [State.Outcome]) {
        let outcomes = state.withLock { change(&$0) }
        for outcome in outcomes { outcome.continuation.resume(with: outcome.result) }
    }
}

extension ByteWindow {
    fileprivate struct State {
        typealias Continuation = CheckedContinuation<Void, any Error>
        typealias Outcome = (continuation: Continuation, result: Result<Void, any Error>)

        private let limit: Int
        private var turns = 0
        /// All before it have left.
        private var oldest = 0
        private var bytes = 0
        /// The bytes that each turn holds.
        private var rooms: [Int: Int] = [:]
        private var waiting: [Int: (bytes: Int, continuation: Continuation)] = [:]
        /// Turns that were left before all earlier ones.
        private var left: Set<Int> = []

        init(limit: Int) { self.limit = limit }

        mutating func takeTurn() -> Int {
            defer { turns += 1 }
            return turns
        }

        mutating func wait(_ turn: Int, bytes: Int, _ continuation: Continuation) -> [Outcome] {
            guard turn >= oldest, !left.contains(turn) else { return [(continuation, .failure(CancellationError()))] }
            precondition(waiting[turn] == nil, "a turn takes one thing at a time")
            waiting[turn] = (bytes, continuation)
            return admit()
        }

        mutating func leave(_ turn: Int) -> [Outcome] {
            guard turn >= oldest, left.insert(turn).inserted else { return [] }
            bytes -= rooms.removeValue(forKey: turn) ?? 0
            while left.remove(oldest) != nil { oldest += 1 }
            let outcomes = waiting.removeValue(forKey: turn).map {
                [($0.continuation, Result<Void, any Error>.failure(CancellationError()))]
            }
            return (outcomes ?? []) + admit()
        }

        private mutating func admit() -> [Outcome] {
            var outcomes: [Outcome] = []
            for turn in waiting.keys.sorted() {
                guard let waiter = waiting[turn], turn == oldest || waiter.bytes <= limit - bytes else { break }
                waiting[turn] = nil
                rooms[turn, default: 0] += waiter.bytes
                bytes += waiter.bytes
                outcomes.append((waiter.continuation, .success(())))
            }
            return outcomes
        }
    }
}
