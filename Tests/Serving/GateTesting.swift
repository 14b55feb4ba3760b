import PenstockServing

/// A suite about a gate of one model on a clock that stands.
protocol GateTesting {}

extension GateTesting {
    var start: ManualInstant { .start }
    var far: ManualInstant { .start + .seconds(1000) }

    /// 10 ms per batch and 1 ms per token.
    static func costs() -> CostModel {
        var costs = CostModel()
        for tokens in [10, 20, 50, 100, 200] {
            costs.seed(WorkSize(tokens: Double(tokens), pairs: 0), seconds: 0.010 + 0.001 * Double(tokens))
        }
        return costs
    }

    static func gate(
        budget: Int = 100, _ change: (inout GateConfiguration) -> Void = { _ in }
    ) -> Gate<ManualInstant> {
        var configuration = GateConfiguration()
        configuration.maxBatchTokens = budget
        change(&configuration)
        return Gate(configuration, costs: costs())
    }

    func items(_ step: Gate<ManualInstant>.Step) -> [[Int]] {
        guard case .run(_, let items) = step else { return [] }
        return items.map { [$0.request, $0.slice.sequence] }
    }

    static func refusal(_ result: Result<Int, Gate<ManualInstant>.Refusal>) -> Gate<ManualInstant>.Refusal? {
        if case .failure(let refusal) = result { refusal } else { nil }
    }
}
