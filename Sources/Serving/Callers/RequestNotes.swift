import Synchronization

/// Notes that are made of a request on its way, for those who tell about it when it is over.
package final class RequestNotes: Sendable {
    /// The facts that are known; no content and no key.
    package struct Facts: Sendable {
        /// The name of the caller's key.
        package var key: String?
        package var model: String?
        package var task: String?
        /// Tokens of its sequences.
        package var tokens: Int?
        /// The facts of a text that is generated, as far as it has come; nil for other tasks.
        package var generation: GenerationFacts?
        package var timing: RequestTiming?

        /// Nothing.
        package init() {}
    }

    private let noted = Mutex(Facts())

    /// Nothing is known yet.
    package init() {}

    /// All that is known.
    package var facts: Facts { noted.withLock { $0 } }

    /// Adds to what is known.
    package func note(_ change: (inout Facts) -> Void) { noted.withLock { change(&$0) } }
}
