/// The results of work on the elements of a sequence, in their order, each as soon as it and all before it are there.
///
/// Several elements are worked on at a time, so that a model computes them in batches. No more are taken from the base
/// than there is room for. An error of the base ends the sequence, once all before it are handed on.
package struct OrderedResults<Base: AsyncSequence & Sendable, Value: Sendable>: AsyncSequence, Sendable
where Base.Element: Sendable {
    package typealias Element = Result<Value, any Error>
    package typealias Work = @Sendable (Base.Element, ByteWindow.Turn) async throws -> Value

    private let base: Base
    private let limit: Int
    private let window: ByteWindow
    private let size: @Sendable (Base.Element) -> Int
    private let work: Work

    /// - Parameters:
    ///   - limit: elements that are on their way at a time
    ///   - window: what elements and their results may take together
    ///   - size: the bytes of an element
    ///   - work: makes the result of an element, and takes the room for it
    package init(
        _ base: Base, limit: Int = 64, window: ByteWindow = ByteWindow(),
        size: @escaping @Sendable (Base.Element) -> Int = { _ in 0 }, work: @escaping Work
    ) {
        (self.base, self.limit, self.window, self.size, self.work) = (base, limit, window, size, work)
    }

    package func makeAsyncIterator() -> Iterator {
        let queue = BoundedQueue<Begun>(limit: limit)
        return Iterator(queue, Task { await begin(queue) })
    }

    /// Takes elements and begins to work on them, as there is room.
    private func begin(_ queue: BoundedQueue<Begun>) async {
        do {
            var iterator = base.makeAsyncIterator()
            while await queue.waitForRoom(), let element = try await iterator.next() {
                let turn = window.turn()
                try await turn.take(bytes: size(element))
                queue.append(Begun(turn, Task { [work] in try await work(element, turn) }))
            }
            queue.finish()
        } catch {
            queue.finish(error)
        }
    }

    /// An element that is being worked on, until nobody wants its result any more.
    fileprivate final class Begun: Sendable {
        let task: Task<Value, any Error>
        private let turn: ByteWindow.Turn

        init(_ turn: ByteWindow.Turn, _ task: Task<Value, any Error>) { (self.turn, self.task) = (turn, task) }

        deinit {
            task.cancel()
            turn.leave()
        }
    }

    package struct Iterator: AsyncIteratorProtocol {
        /// Ends all work when the iterator is gone.
        private final class Session: Sendable {
            let queue: BoundedQueue<Begun>
            private let task: Task<Void, Never>

            init(_ queue: BoundedQueue<Begun>, _ task: Task<Void, Never>) { (self.queue, self.task) = (queue, task) }

            deinit {
                queue.close()
                task.cancel()
            }
        }

        private let session: Session
        /// The one whose result was handed on last: it has its room until the next is asked for.
        private var last: Begun?

        fileprivate init(_ queue: BoundedQueue<Begun>, _ task: Task<Void, Never>) {
            session = Session(queue, task)
        }

        package mutating func next() async throws -> Result<Value, any Error>? {
            last = nil
            guard let next = try await session.queue.next() else { return nil }
            last = next
            return await withTaskCancellationHandler {
                await next.task.result
            } onCancel: {
                next.task.cancel()
            }
        }
    }
}
