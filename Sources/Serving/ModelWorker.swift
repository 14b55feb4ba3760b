import Metrics
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockPipelines

/// One loaded model, its gate, and the thread that computes.
///
/// Requests are checked and tokenized by whoever asks, pass the gate, and are computed in batches by the model's own
/// thread. An idle model starts at once; while it is busy, requests gather and become the next batch. Each answer is
/// bitwise the one that its request gets alone.
package final class ModelWorker: Sendable {
    /// What computes.
    package let loaded: LoadedModel
    /// Tokens of the largest batch that its memory allows.
    package let batchTokenCapacity: Int
    /// What was found out at start, for the log.
    package let startReport: [String]
    package let configuration: ServingConfiguration
    private let desk: WorkDesk
    private let metrics: ServingMetrics

    /// A result and where its time went.
    package struct Answer<Result: Sendable>: Sendable {
        package let result: Result
        package let timing: RequestTiming
        /// Holds the result's place in the memory as long as somebody has it.
        package let reservation: MemoryBudget.Reservation
    }

    /// Sizes the workspace, warms the model up, which seeds the cost model, and starts the thread.
    ///
    /// - Throws: ``WorkspaceError`` if the memory does not suffice.
    package init(
        _ loaded: LoadedModel, _ configuration: ServingConfiguration,
        metrics factory: any MetricsFactory = MetricsSystem.factory, memory: MemoryLimit? = .current()
    ) throws {
        _ = try WorkThreads.shared.get()
        let model = loaded.model
        let cpu = CPU(threads: configuration.threads)
        let plan = try WorkspacePlan(
            model.workspaceCost(on: cpu),
            wantedTokens: configuration.gate.maxBatchTokens ?? configuration.gate.batchTokenCapacity,
            minimumTokens: model.limits.tokens, memory: memory)
        var gateConfiguration = configuration.gate
        gateConfiguration.batchTokenCapacity = plan.tokens
        gateConfiguration.maxBatchTokens = gateConfiguration.maxBatchTokens.map { min($0, plan.tokens) }

        let runner = try BatchRunner(model, tokens: plan.tokens, on: cpu)
        let costs =
            try configuration.warmsUp
            ? WarmUp.costs(of: runner, longest: model.limits.tokens, capacity: plan.tokens) : CostModel()
        let gate = Gate<ContinuousClock.Instant>(gateConfiguration, costs: costs)
        let desk = WorkDesk(gate)
        let metrics = ServingMetrics(factory)
        self.loaded = loaded
        self.configuration = configuration
        self.desk = desk
        self.metrics = metrics
        batchTokenCapacity = plan.tokens
        startReport =
            ["\(cpu.threads) threads, \(cpu.kernels.name)"] + (loaded.selfCheck.map { ["self-check: \($0)"] } ?? [])
            + ["workspace for \(plan.tokens) tokens: \(plan.bytes >> 20) MiB"] + (plan.shrinkage.map { [$0] } ?? [])
            + ["batches of \(gate.batchBudget) tokens; \(costs)"]

        // Safe to hand over: nobody else has the runner, and this thread does not touch it again.
        nonisolated(unsafe) let handedOver = runner
        try ComputeThread.start(name: "model") { Self.work(desk, handedOver, metrics) }
    }

    deinit { stop() }

    /// Answers a request of a client. Does not itself end at the deadline: see ``withDeadline(_:_:)``.
    ///
    /// - Parameters:
    ///   - texts: how many texts the request has, and their bytes
    ///   - memory: where the result gets its place, which is refused if there is none
    ///   - room: waits for room for the result, in bytes
    ///   - prepare: checks and tokenizes the request
    package func answer<Result: Sendable>(
        texts: TextSize = TextSize(), for client: Client, in memory: MemoryBudget = .unlimited,
        room: @Sendable (_ bytes: Int) async throws -> Void = { _ in },
        prepare: @Sendable (RequestScope) async throws(PipelineError) -> PreparedRequest<Result>
    ) async throws -> Answer<Result> {
        let clock = ContinuousClock()
        let start = clock.now
        let reservation = try counted { () throws(ServingError) in
            try refuse(texts, deadline: client.deadline)
            return try memory.reserve(AnswerSize.product(texts.count, Self.bytesPerSequence))
        }
        let request = try await client.work { scope in try await prepare(scope) }
        metrics.tokenizationTime.record(duration: start.duration(to: clock.now))
        try counted { () throws(ServingError) in try reservation.grow(by: request.answerBytes) }
        try await room(request.answerBytes)

        let pending = PendingRequest(request.work, of: client)
        let readings = try await readings(of: pending)
        metrics.queueTime.record(duration: pending.timing.queue)

        let end = clock.now
        let result = try await client.work { scope in try request.finish(readings, scope) }
        metrics.encodingTime.record(duration: end.duration(to: clock.now))
        return Answer(result: result, timing: pending.timing, reservation: reservation)
    }

    private func readings(of pending: PendingRequest) async throws -> [ModelWork.Reading] {
        do {
            return try await withTaskCancellationHandler {
                try await pending.readings { desk.submit(pending) }
            } onCancel: {
                desk.withdraw(pending)
            }
        } catch let error as ServingError {
            if error.code != .deadlineExceeded { metrics.countRejection(error) }
            throw error
        }
    }

    /// What a sequence takes while it is in flight, beside its answer.
    private static let bytesPerSequence = 256

    /// Counts a refusal.
    private func counted<Value>(_ body: () throws(ServingError) -> Value) throws(ServingError) -> Value {
        do {
            return try body()
        } catch {
            metrics.countRejection(error)
            throw error
        }
    }

    /// Refuses a request whose texts cost too much at the very least, so that nobody tokenizes what nobody will compute.
    private func refuse(_ texts: TextSize, deadline: ContinuousClock.Instant) throws(ServingError) {
        /// Hardly any text has longer tokens on average.
        let mostBytesPerToken = 64
        guard texts.count > 0 else { return }
        let length = min(loaded.maxInputTokens, max(1, texts.bytes / texts.count / mostBytesPerToken))
        let work = WorkSize(
            tokens: Double(texts.count * length), squares: Double(texts.count) * Double(length) * Double(length))
        if let refusal = desk.refusal(forAtLeast: work, sequences: texts.count, deadline: deadline) { throw refusal }
    }

    /// Refuses requests from now on; those that were let in are still answered.
    package func drain() { desk.drain() }

    /// Lets no request wait for company any more.
    package func stopLingering() { desk.stopLingering() }

    /// Refuses requests, also those that wait, and ends the thread after the batch that it runs.
    package func stop() { desk.close() }

    /// Brings the gauges up to date.
    package func recordState() {
        let (waiting, error) = desk.read { ($0.waiting, $0.costs.relativeError) }
        metrics.queueItems.record(waiting.items)
        metrics.queueTokens.record(waiting.tokens)
        metrics.predictionError.record(error)
    }

    /// Sequences that wait for a batch.
    package var waitingItems: Int { desk.read(\.waiting.items) }

    /// Tokens that the next batch may have.
    package var batchBudget: Int { desk.read(\.batchBudget) }

    /// The life of the model's thread.
    private static func work(_ desk: WorkDesk, _ runner: BatchRunner, _ metrics: ServingMetrics) {
        let clock = ContinuousClock()
        while true {
            switch desk.nextWork() {
            case .leave: return
            case .rest(let instant): desk.rest(until: instant)
            case .run(let items):
                let start = clock.now
                for item in items { item.pending.startBatch(of: items.count, at: start) }
                let isWhole = runner.run(items[...]) { $0.pending.isAwaited(at: clock.now) }
                let end = clock.now
                let duration = start.duration(to: end)
                let predicted = desk.finishBatch(seconds: isWhole ? duration / .seconds(1) : nil)
                // Before anybody is answered: who then looks at the metrics finds the batch there.
                metrics.record(items, duration, predicted: predicted)
                for item in items where item.pending.finishSequence(at: end) { desk.finish(item.pending) }
            }
        }
    }
}

extension ServingMetrics {
    fileprivate func record(_ items: [WorkItem], _ duration: Duration, predicted: Double) {
        batchItems.record(items.count)
        batchTokens.record(items.reduce(0) { $0 + $1.input.ids.count })
        forwardTime.record(duration: duration)
        predictedForwardTime.record(duration: .seconds(predicted))
    }
}
