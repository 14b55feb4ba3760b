import PenstockCompute

/// The life of the scheduler's thread: it alone holds the pool.
struct ComputeLoop: ~Copyable {
    private let desk: SchedulerDesk
    private let lease: ComputeLease
    private let clock = ContinuousClock()

    init(_ desk: SchedulerDesk, _ lease: consuming ComputeLease) {
        self.desk = desk
        self.lease = lease
        desk.processor = self.lease.cpu
    }

    /// Does what there is to do until the desk is closed.
    borrowing func run() {
        while true {
            switch desk.nextStep() {
            case .leave: return
            case .rest(let instant): desk.rest(until: instant)
            case .lend: desk.lend()
            case .run(let entry, let batch): run(entry.runner, batch, entry)
            }
        }
    }

    private borrowing func run<Runner: SliceRunner>(
        _ runner: Runner, _ batch: [(request: any ScheduledRequest, slice: Slice)], _ entry: SchedulerEntry
    ) {
        let start = clock.now
        for item in batch { item.request.ticket.startBatch(of: batch.count, at: start) }
        let slices = batch.map { item in
            guard let request = item.request as? Runner.Request else {
                preconditionFailure("a request to a model of another kind")
            }
            return RunnableSlice(request: request, slice: item.slice)
        }
        let isWhole = runner.run(slices, on: lease.cpu, in: desk.arena)
        let end = clock.now
        let duration = start.duration(to: end)
        let seconds = duration / .seconds(1)
        let predicted = desk.finishBatch(seconds: isWhole ? seconds : nil, lasting: seconds)
        for item in batch { item.request.ticket.endBatch(at: end) }
        // Before anybody is answered: who then looks at the metrics finds the batch there.
        entry.metrics.record(batch.map(\.slice), duration, predicted: predicted)
        desk.settle(batch, runner.deliver(slices), entry.pages)
    }
}

extension ServingMetrics {
    fileprivate func record(_ slices: [Slice], _ duration: Duration, predicted: Double) {
        batchItems.record(slices.count)
        batchTokens.record(slices.reduce(0) { $0 + $1.tokens.count })
        forwardTime.record(duration: duration)
        predictedForwardTime.record(duration: .seconds(predicted))
    }
}
