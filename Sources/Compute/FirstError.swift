import Synchronization

/// The first error of what several threads do together; after it they do nothing more.
final class FirstError: Sendable {
    private let error = Mutex<(any Error)?>(nil)

    /// Does `body` and keeps its error, unless there is one already.
    func catching(_ body: () throws -> Void) {
        guard error.withLock({ $0 == nil }) else { return }
        do {
            try body()
        } catch let new {
            error.withLock { $0 = $0 ?? new }
        }
    }

    /// Throws the error, if there is one.
    func rethrow() throws {
        if let error = error.withLock({ $0 }) { throw error }
    }
}
