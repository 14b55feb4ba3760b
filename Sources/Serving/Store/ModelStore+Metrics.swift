import Metrics

extension ModelStore {
    /// Brings the gauges up to date, also those of the models.
    package func recordState() {
        let states = all.map(\.state)
        let loaded = states.compactMap { if case .ready(let model) = $0 { model } else { nil } }
        let waiting = states.count { if case .waiting = $0 { true } else { false } }
        for model in loaded { model.recordState() }
        let ledger = scheduler.ledger
        for (label, value) in [
            ("penstock_models_loaded", loaded.count), ("penstock_models_waiting", waiting),
            ("penstock_memory_reserved_bytes", ledger.bytesReserved),
            ("penstock_memory_budget_bytes", ledger.budget ?? 0),
        ] {
            Gauge(label: label, dimensions: [], factory: metrics).record(value)
        }
        Gauge(label: "penstock_load_seconds", dimensions: [], factory: metrics).record(scheduler.load / .seconds(1))
    }
}

extension ServedModel {
    /// Brings the gauges up to date.
    package func recordState() {
        let (waiting, running, error) = scheduler.read {
            ($0.waiting(number), $0.running(number), $0.costs(number).relativeError)
        }
        metrics.queueItems.record(waiting.items)
        metrics.queueTokens.record(waiting.tokens)
        metrics.runningItems.record(running)
        metrics.predictionError.record(error)
    }
}
