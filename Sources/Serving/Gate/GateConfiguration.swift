/// The rules by which the gate lets a model's work in and makes batches of it.
package struct GateConfiguration: Sendable, Equatable {
    /// Tokens of a batch; nil for as few as the cost model finds within 3 % of the best time per token.
    package var maxBatchTokens: Int?
    /// Tokens that a batch can have at most, whatever the cost model finds: what the workspace holds.
    package var batchTokenCapacity = 2048
    /// Sequences of a batch.
    package var maxBatchItems = 1024
    /// The time that an idle engine waits for company for the first sequence; it ends early when the budget is full.
    package var batchLinger = Duration.zero
    /// Tokens that may wait.
    package var maxQueueTokens = 1 << 20
    /// The most that anybody is told to wait before they come back.
    package var longestRetryAfter = Duration.seconds(60)

    /// The rule of the steps of a model that generates; nil for one that does not.
    package var steps: StepRule?
    /// The model's seconds of the processor in relation to those of others, while all have work.
    package var weight = 1.0

    /// The defaults.
    package init() {}
}
