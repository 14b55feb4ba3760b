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

    /// True as long as somebody waits for the answer.
    var isWanted: Bool { isAwaited() }

    /// - Throws: ``PipelineError`` with the code `abandoned` if nobody waits for the answer any more.
    package func check() throws(PipelineError) {
        guard isWanted else { throw PipelineError(.abandoned, "nobody waits for the answer any more") }
    }

    /// The pace of a loop over texts or elements.
    package var pace: Pace { Pace(scope: self) }

    /// Steps of work for a request, between which it lets other requests have its thread.
    package struct Pace {
        private let scope: RequestScope
        private var start = ContinuousClock.now

        fileprivate init(scope: RequestScope) { self.scope = scope }

        /// To be called before each step.
        ///
        /// - Throws: ``PipelineError`` with the code `abandoned` if nobody waits for the answer any more.
        package mutating func step() async throws(PipelineError) {
            try scope.check()
            guard start.duration(to: .now) > RequestScope.slice else { return }
            await Task.yield()
            start = .now
        }
    }
}
