import PenstockServing

/// A gate of one model, number 0.
extension Gate {
    init(_ configuration: GateConfiguration, costs: CostModel = CostModel()) {
        self.init()
        _ = addModel(configuration, costs: costs)
    }

    var waiting: (items: Int, tokens: Int) { waiting(0) }
    var batchBudget: Int { batchBudget(0) }
    var costs: CostModel { costs(0) }

    mutating func submit(lengths: [Int], deadline: Instant, at now: Instant) -> Result<Int, Refusal> {
        submit(.sequences(lengths), to: 0, deadline: deadline, at: now)
    }

    func refusal(forAtLeast work: WorkSize, sequences: Int, deadline: Instant, at now: Instant) -> Refusal? {
        refusal(forAtLeast: work, slices: sequences, by: 0, deadline: deadline, at: now)
    }

    mutating func note(_ refusal: Refusal, of work: WorkSize, at now: Instant) {
        note(refusal, of: work, by: 0, at: now)
    }

    mutating func remove(_ request: Int) { remove(request, of: 0) }

    /// What the engine does next if somebody waits for everything.
    mutating func next(at now: Instant) -> Step { next(at: now) { _ in true }.step }

    @discardableResult
    mutating func finishBatch(seconds: Double?) -> Double { finishBatch(seconds: seconds, lasting: seconds ?? 0) }
}

extension [Slice] {
    /// Sequences of these lengths.
    static func sequences(_ lengths: [Int]) -> [Slice] {
        lengths.enumerated().map { Slice(sequence: $0, length: $1) }
    }
}
