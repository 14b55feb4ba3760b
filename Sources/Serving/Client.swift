import PenstockPipelines

/// A client that waits for an answer.
package struct Client: Sendable {
    /// On whose behalf.
    package let caller: Caller
    /// The deadline of the answer, or of the first part of one that is streamed.
    package let deadline: ContinuousClock.Instant
    /// The deadline of all of an answer that is streamed; nil if the client does not say.
    package let streamDeadline: ContinuousClock.Instant?
    /// Tells whether nobody is there any more to take it.
    package let isGone: @Sendable () -> Bool
    /// The notes of what becomes of its request; nil if nobody wants to know.
    let notes: RequestNotes?
    /// Bytes of the largest answer that it gets.
    let answerLimit: Int

    package init(
        of caller: Caller, deadline: ContinuousClock.Instant, streamDeadline: ContinuousClock.Instant? = nil,
        answerLimit: Int = AnswerSize.limit, notes: RequestNotes? = nil,
        isGone: @escaping @Sendable () -> Bool = { false }
    ) {
        self.caller = caller
        (self.deadline, self.streamDeadline) = (deadline, streamDeadline)
        self.answerLimit = answerLimit
        self.notes = notes
        self.isGone = isGone
    }

    /// Does work for this client on the ``WorkThreads``.
    ///
    /// - Throws: what `body` throws, but ``ServingError`` or `CancellationError` when it was abandoned, which says why.
    package func work<Value: Sendable>(
        _ body: @Sendable (RequestScope) async throws -> Value
    ) async throws -> Value {
        let scope = RequestScope(answerLimit: answerLimit) {
            !Task.isCancelled && ContinuousClock.now < deadline && !isGone()
        }
        do {
            return try await withTaskExecutorPreference(WorkThreads.shared.get()) { try await body(scope) }
        } catch let error as PipelineError where error.code == .abandoned {
            if isGone() { throw ServingError.clientGone }
            guard ContinuousClock.now < deadline else { throw ServingError.deadlineExceeded }
            throw CancellationError()
        }
    }
}
