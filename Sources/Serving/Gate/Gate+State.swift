/// The state of the gate, as it can be seen from outside.
extension Gate {
    /// True if there is no model.
    package var isEmpty: Bool { models.isEmpty }

    /// Slices that wait for a model, without those of texts that go on, and tokens that wait.
    package func waiting(_ model: Int) -> (items: Int, tokens: Int) {
        guard let queue = models[model] else { return (0, 0) }
        return (
            queue.waiting.count + queue.going.setBack.count, Int((queue.waiting.size + queue.going.promptWork).tokens)
        )
    }

    /// Sequences of a model that are being computed: those of its running batch, and texts that go on with its next one.
    package func running(_ model: Int) -> Int {
        let inBatch = running.map { $0.tenant == .model(model) ? $0.items : 0 } ?? 0
        return inBatch + (models[model]?.going.begun ?? 0)
    }

    /// Tokens that a batch of a model may have.
    package func batchBudget(_ model: Int) -> Int { models[model]?.budget() ?? 0 }

    /// Returns the costs of a model's work.
    package func costs(_ model: Int) -> CostModel { models[model]?.costs ?? CostModel() }

    /// Tells whether nothing of a model waits or runs.
    package func isIdle(_ model: Int) -> Bool {
        running?.tenant != .model(model) && models[model]?.isEmpty ?? true
    }

    /// Pages of a model that are free for sequences to begin; nil for any.
    package func freePages(_ model: Int) -> Int? { models[model]?.freePages }
}
