/// The bounds within which the work for one request is done: somebody has to wait for it, it holds its thread for no longer than a
/// text takes, and its answer is not too large.
///
/// Asked between texts when a request is prepared, and between elements when its answer is written.
package final class RequestScope: Sendable {
    /// The time after which a request lets others have its thread.
    private static let slice = Duration.milliseconds(5)

    private let isAwaited: @Sendable () -> Bool
    private let answerLimit: Int

    /// A scope of work that is done to its end.
    package static let unbounded = RequestScope(answerLimit: .max) { true }

    /// - Parameters:
    ///   - answerLimit: bytes of the largest answer
    ///   - isAwaited: returns false once nobody waits for the answer any more; called from any thread.
    package init(answerLimit: Int, isAwaited: @escaping @Sendable () -> Bool) {
        self.answerLimit = answerLimit
        self.isAwaited = isAwaited
    }

    /// - Throws: ``PipelineError`` if an answer of so many bytes is too large.
    func require(answerBytes bytes: Int) throws(PipelineError) {
        guard bytes <= answerLimit else {
            throw PipelineError(
                .answerTooLarge,
                "the answer would have some \(bytes >> 20) MiB, but at most \(answerLimit >> 20) are possible; "
                    + "send fewer or shorter texts, or ask for less of each")
        }
    }

    /// - Throws: ``PipelineError`` with the code `abandoned` if nobody waits for the answer any more.
    package func check() throws(PipelineError) {
        guard isAwaited() else { throw PipelineError(.abandoned, "nobody waits for the answer any more") }
    }

    /// Calls `body` for each element, in their order, and lets other requests have the thread in between.
    ///
    /// - Throws: what `body` throws, and ``PipelineError`` with the code `abandoned`.
    package func forEach<Elements: Sequence>(
        _ elements: Elements, _ body: (Elements.Element) throws(PipelineError) -> Void
    ) async throws(PipelineError) {
        let clock = ContinuousClock()
        var start = clock.now
        for element in elements {
            try check()
            if start.duration(to: clock.now) > Self.slice {
                await Task.yield()
                start = clock.now
            }
            try body(element)
        }
    }
}
