import DequeModule
import Synchronization

/// The way of the elements of an answer from the thread that computes, one or many, to the task that waits for them.
///
/// Offering never waits. Who offers is told when no more fits, and of the room when there is some again.
package final class AnswerSink<Element: Sendable>: Sendable {
    /// The outcome of a wait for an element.
    package enum Wait: Sendable {
        case element(Element)
        /// No more elements come.
        case ended
        /// Somebody wants the reader to look at something else.
        case nudged

        /// The next element, whatever nudges come before it; nil at the end.
        static func element(by wait: () async throws -> Wait) async throws -> Element? {
            while true {
                switch try await wait() {
                case .element(let element): return element
                case .ended: return nil
                case .nudged: continue
                }
            }
        }
    }

    private struct State {
        var elements: Deque<Element> = []
        /// Its end; nil while more may come.
        var end: Result<Void, any Error>?
        var reader: CheckedContinuation<Wait, any Error>?
        /// True if the next wait ends at once.
        var isNudged = false
        var whenRoom: [@Sendable () -> Void] = []
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: elements that wait for the reader before those who offer are told to wait, at least 1
    package init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    // MARK: From the scheduler

    /// Takes an element, also without room for it: of each who offers one comes then. After the end it is dropped.
    ///
    /// - Returns: whether there is room for another.
    @discardableResult
    package func offer(_ element: Element) -> Bool {
        let (reader, hasRoom) = state.withLock { state -> (CheckedContinuation<Wait, any Error>?, Bool) in
            guard state.end == nil else { return (nil, true) }
            guard let reader = state.reader else {
                state.elements.append(element)
                return (nil, state.elements.count < capacity)
            }
            state.reader = nil
            return (reader, true)
        }
        reader?.resume(returning: .element(element))
        return hasRoom
    }

    /// Calls `body` once as soon as there is room or the end has come, which may be at once.
    package func whenRoom(_ body: @escaping @Sendable () -> Void) {
        let isNow = state.withLock { state in
            if state.end != nil || state.elements.count < capacity { return true }
            state.whenRoom.append(body)
            return false
        }
        if isNow { body() }
    }

    // MARK: To the reader

    /// The next element; nil at the end.
    ///
    /// One task at a time reads. It does not end by itself when that task is cancelled: see ``finish(throwing:)``.
    ///
    /// - Throws: what the sink was finished with.
    package func next() async throws -> Element? { try await Wait.element(by: wait) }

    /// Ends the wait of the reader, or the next one at once if nobody waits.
    package func nudge() {
        let reader = state.withLock { state -> CheckedContinuation<Wait, any Error>? in
            guard let reader = state.reader else {
                state.isNudged = true
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?.resume(returning: .nudged)
    }

    /// Waits as ``next()`` does, but no longer than until ``nudge()`` is called.
    package func wait() async throws -> Wait {
        try await withCheckedThrowingContinuation { continuation in
            let (result, whenRoom) = state.withLock { state -> (Result<Wait, any Error>?, [@Sendable () -> Void]) in
                if state.isNudged {
                    state.isNudged = false
                    return (.success(.nudged), [])
                }
                if let element = state.elements.popFirst() {
                    guard state.elements.count < capacity else { return (.success(.element(element)), []) }
                    return (.success(.element(element)), exchange(&state.whenRoom, with: []))
                }
                if let end = state.end { return (end.map { .ended }, []) }
                precondition(state.reader == nil, "two readers of one answer")
                state.reader = continuation
                return (nil, [])
            }
            for body in whenRoom { body() }
            if let result { continuation.resume(with: result) }
        }
    }
}

/// The end of a sink, whatever its elements are.
package protocol AnswerEnd: AnyObject, Sendable {
    /// True while somebody may take elements.
    var isOpen: Bool { get }

    /// Ends the answer, unless it has ended. What was offered before is still read.
    func finish(throwing error: (any Error)?)
}

extension AnswerSink: AnswerEnd {
    package var isOpen: Bool { state.withLock { $0.end == nil } }

    package func finish(throwing error: (any Error)? = nil) {
        let end: Result<Void, any Error> = error.map { .failure($0) } ?? .success(())
        let (reader, whenRoom) = state.withLock {
            state -> (CheckedContinuation<Wait, any Error>?, [@Sendable () -> Void]) in
            guard state.end == nil else { return (nil, []) }
            state.end = end
            defer { (state.reader, state.whenRoom) = (nil, []) }
            return (state.reader, state.whenRoom)
        }
        for body in whenRoom { body() }
        reader?.resume(with: end.map { .ended })
    }
}
