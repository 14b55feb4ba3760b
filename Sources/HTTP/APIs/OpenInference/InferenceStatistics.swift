/// The counts and times of a model, in the words of Triton.
struct InferenceStatistics: Sendable {
    /// The events, by the names of the fields of `InferStatistics`.
    enum Kind: String, CaseIterable {
        case success
        case fail
        case queue
        case input = "compute_input"
        case pass = "compute_infer"
        case output = "compute_output"
    }

    /// The number of times that something happened, and the time that it took together.
    struct Total {
        var count = 0
        var seconds = 0.0

        var nanoseconds: Int { Int(exactly: (seconds * 1e9).rounded()) ?? .max }
    }

    let model: String
    let totals: [(kind: Kind, total: Total)]

    /// Requests that were answered.
    var inferences: Int { count(.success) }
    /// Forward passes.
    var executions: Int { count(.pass) }

    private func count(_ kind: Kind) -> Int { totals.first { $0.kind == kind }?.total.count ?? 0 }

    init(of model: String, in families: [PrometheusRegistry.FamilyValues]) {
        let series = ModelSeries(model: model, families: families)
        self.model = model
        totals = Kind.allCases.map { ($0, series.total(of: $0)) }
    }
}

/// The series of one model.
private struct ModelSeries {
    let model: String
    let families: [PrometheusRegistry.FamilyValues]

    func total(of kind: InferenceStatistics.Kind) -> InferenceStatistics.Total {
        switch kind {
        case .success:
            InferenceStatistics.Total(
                count: total("penstock_requests_total") { $0 == "ok" }.count,
                seconds: total("penstock_request_seconds").seconds)
        case .fail: total("penstock_requests_total") { $0 != "ok" }
        case .queue: total("penstock_queue_seconds")
        case .input: total("penstock_tokenization_seconds")
        case .pass: total("penstock_forward_seconds")
        case .output: total("penstock_encoding_seconds")
        }
    }

    /// The total of the series of a name.
    ///
    /// - Parameter isCounted: whether those with an outcome count
    private func total(
        _ name: String, _ isCounted: (_ outcome: String) -> Bool = { _ in true }
    ) -> InferenceStatistics.Total {
        var total = InferenceStatistics.Total()
        for series in families.first(where: { $0.name == name })?.series ?? [] {
            let labels = series.labels
            guard labels.contains(where: { $0.name == "model" && $0.value == model }),
                labels.first(where: { $0.name == "outcome" }).map({ isCounted($0.value) }) ?? true
            else { continue }
            switch series.value {
            case .number(let number): total.count += Int(exactly: number) ?? 0
            case .histogram(let counts, _, let sum):
                total.count += counts.reduce(0) { $0 + (Int(exactly: $1) ?? 0) }
                total.seconds += sum
            }
        }
        return total
    }
}
