import DequeModule
import Synchronization

/// A queue between one task that makes elements and one that takes them. The one makes no more than there is room for.
package final class BoundedQueue<Element: Sendable>: Sendable {
    private let state: Mutex<State>

    /// - Parameter limit: elements for which there is room
    package init(limit: Int) { state = Mutex(State(limit: limit)) }

    /// Waits for room. Returns whether an element is wanted.
    package func waitForRoom() async -> Bool {
        await withCheckedContinuation { continuation in update { $0.waitForRoom(continuation) } }
    }

    /// Adds an element, for which there has to be room.
    package func append(_ element: Element) { update { $0.append(element) } }

    /// There are no more elements, because of an error if there is one.
    package func finish(_ error: (any Error)? = nil) { update { $0.finish(error) } }

    /// No more elements are wanted, also of those that are there.
    package func close() { update { $0.close() } }

    /// Waits for the next element, nil behind the last. When the task is cancelled, no more are wanted.
    package func next() async throws -> Element? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in update { $0.next(continuation) } }
        } onCancel: {
            close()
        }
    }

    private func update(_ change: (inout State) -> [Wake]) {
        let wakes = state.withLock { change(&$0) }
        for wake in wakes {
            switch wake {
            case .maker(let continuation, let isWanted): continuation.resume(returning: isWanted)
            case .taker(let continuation, let result): continuation.resume(with: result)
            }
        }
    }

    /// One of the two tasks, and what it is told.
    fileprivate enum Wake {
        case maker(CheckedContinuation<Bool, Never>, isWanted: Bool)
        case taker(CheckedContinuation<Element?, any Error>, Result<Element?, any Error>)
    }
}

extension BoundedQueue {
    fileprivate struct State {
        private enum End {
            case none
            case finished((any Error)?)
            case closed
        }

        private let limit: Int
        private var elements = Deque<Element>()
        private var maker: CheckedContinuation<Bool, Never>?
        private var taker: CheckedContinuation<Element?, any Error>?
        private var end = End.none

        init(limit: Int) { self.limit = limit }

        mutating func waitForRoom(_ continuation: CheckedContinuation<Bool, Never>) -> [Wake] {
            if case .closed = end { return [.maker(continuation, isWanted: false)] }
            if elements.count < limit { return [.maker(continuation, isWanted: true)] }
            maker = continuation
            return []
        }

        mutating func append(_ element: Element) -> [Wake] {
            if case .closed = end { return [] }
            guard let taker = take(&taker) else {
                elements.append(element)
                return []
            }
            return [.taker(taker, .success(element))]
        }

        mutating func next(_ continuation: CheckedContinuation<Element?, any Error>) -> [Wake] {
            guard let element = elements.popFirst() else {
                switch end {
                case .none:
                    taker = continuation
                    return []
                case .finished(let error): return [.taker(continuation, error.map { .failure($0) } ?? .success(nil))]
                case .closed: return [.taker(continuation, .success(nil))]
                }
            }
            return [.taker(continuation, .success(element))]
                + (take(&maker).map { [.maker($0, isWanted: true)] } ?? [])
        }

        mutating func finish(_ error: (any Error)?) -> [Wake] {
            guard case .none = end else { return [] }
            end = .finished(error)
            return take(&taker).map { [.taker($0, error.map { .failure($0) } ?? .success(nil))] } ?? []
        }

        mutating func close() -> [Wake] {
            end = .closed
            elements.removeAll()
            return (take(&taker).map { [.taker($0, .success(nil))] } ?? [])
                + (take(&maker).map { [.maker($0, isWanted: false)] } ?? [])
        }

        private func take<Value>(_ value: inout Value?) -> Value? {
            defer { value = nil }
            return value
        }
    }
}
