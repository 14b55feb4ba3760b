import Metrics
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockPipelines

/// A loaded model that answers requests for one or several tasks.
///
/// Requests are checked and tokenized by whoever asks, pass the gate, and are computed in batches by the scheduler that
/// all models share. Each answer is bitwise the one that its request gets alone.
public final class ServedModel: @unchecked Sendable {
    // Safe to share: `held` is changed by `deinit` alone.

    /// The name by which clients ask for it.
    public let name: String
    /// What computes.
    public var loaded: LoadedModel { content.loaded }
    /// What it is asked for, the first unless something else is named.
    public var pipelines: [JSONPipeline] { content.pipelines }
    /// How it is served.
    public let configuration: ServingConfiguration
    /// What was found out at start, for the log.
    package let startReport: [String]
    /// Tokens of the largest batch that its memory allows.
    package let batchTokenCapacity: Int
    /// What runs it.
    package let scheduler: Scheduler
    /// The scheduler's number for it.
    let number: Int
    private let widths: [Readout: Int]
    let metrics: ServingMetrics
    /// Given up by the scheduler's ``DeferredRelease`` alone, so that the last request does not free the weights.
    private let held: Unmanaged<Content>
    /// The model that this one stands for as long as a request has it, and that the request has it; nil for the model
    /// itself.
    private let original: (model: ServedModel, use: ModelUse)?

    private var content: Content { held.takeUnretainedValue() }

    /// What generates; nil for a model that does not.
    var generator: Generator? { content.generator }

    private final class Content: Sendable {
        let loaded: LoadedModel
        let pipelines: [JSONPipeline]
        let generator: Generator?

        init(_ loaded: LoadedModel, _ pipelines: [JSONPipeline], _ generator: Generator?) {
            (self.loaded, self.pipelines, self.generator) = (loaded, pipelines, generator)
        }
    }

    /// A result and where its time went.
    package struct Answer<Result: Sendable>: Sendable {
        package let result: Result
        package let timing: RequestTiming
        /// Checking and tokenizing the request.
        package let tokenization: Duration
        /// The tokens that were computed for it, special ones included.
        package let tokens: Int
        /// Holds the result's place in the memory as long as somebody has it.
        package let reservation: MemoryBudget.Reservation
        /// The facts of a request that generates; nil of others.
        package let generation: GenerationFacts?

        /// The same with another result that takes no more memory to speak of.
        package func with<Other>(result: Other) -> Answer<Other> {
            Answer<Other>(
                result: result, timing: timing, tokenization: tokenization, tokens: tokens, reservation: reservation,
                generation: generation)
        }
    }

    /// Warms the model up, which seeds its cost model, and gives it to a scheduler.
    ///
    /// Waits for turns of the scheduler, so it must not be called on threads that receive and send.
    ///
    /// - Parameters:
    ///   - generator: what generates, of a model that does
    ///   - plan: the memory of its passes
    ///   - warmUp: that of the warm-up; nil for none
    ///   - memory: where that is reserved; nil if it is not
    /// - Throws: `ResourceError` if the memory does not suffice, and `TurnsEnded` if the scheduler stops.
    package init(
        _ loaded: LoadedModel, _ pipelines: [JSONPipeline] = [], named name: String? = nil,
        _ configuration: ServingConfiguration, _ plan: WorkspacePlan, warmUp: WorkspacePlan? = nil,
        generating generator: Generator? = nil,
        on scheduler: Scheduler, metrics factory: any MetricsFactory = MetricsSystem.factory,
        from memory: MemoryLedger.Reservation? = nil
    ) throws {
        let (model, turns) = (loaded.model, scheduler.loadingTurns)
        let isAlone = scheduler.read(\.isEmpty)
        let costs =
            try warmUp.map { plan in
                try generator.map { try WarmUp.costs(of: $0, tokens: plan.tokens, isAlone: isAlone, in: turns) }
                    ?? WarmUp.costs(of: model, tokens: plan.tokens, isAlone: isAlone, in: turns)
            } ?? generator?.unknownCosts ?? CostModel()
        var gate = configuration.gate
        gate.batchTokenCapacity = plan.tokens
        gate.maxBatchTokens = gate.maxBatchTokens.map { min($0, plan.tokens) }
        if generator != nil {
            gate.steps = StepRule(
                tokenGap: configuration.tokenGap / .seconds(1), mostTokens: plan.tokens, tokensPerPage: PageShape.tokens
            )
        }
        self.name = name ?? loaded.name
        metrics = ServingMetrics(factory, model: self.name)
        (self.configuration, self.scheduler) = (configuration, scheduler)
        widths = model.widths
        batchTokenCapacity = plan.tokens
        let runner: any SliceRunner =
            if let generator {
                DecoderRunner(loaded, generator, GenerationMetrics(factory, model: self.name))
            } else {
                EncoderRunner(loaded)
            }
        number = try scheduler.add(
            SchedulerEntry(runner, arenaBytes: plan.bytes, metrics), gate, costs: costs, from: memory)
        held = .passRetained(Content(loaded, pipelines, generator))
        original = nil
        let (number, budget) = (number, scheduler.read { $0.batchBudget })
        startReport =
            ["\(scheduler.threads) threads, \(scheduler.kernels.name)"]
            + (loaded.selfCheck.map { ["self-check: \($0)"] } ?? [])
            + ["workspace for \(plan.tokens) tokens: \(plan.bytes >> 20) MiB"] + (plan.shrinkage.map { [$0] } ?? [])
            + ["batches of \(budget(number)) tokens; \(costs)"]
    }

    /// A model as a request has it.
    init(_ original: ServedModel, for use: ModelUse) {
        (name, configuration, startReport) = (original.name, original.configuration, original.startReport)
        (batchTokenCapacity, scheduler, number) = (original.batchTokenCapacity, original.scheduler, original.number)
        (widths, metrics, held) = (original.widths, original.metrics, original.held)
        self.original = (original, use)
    }

    /// Whether both are the same model, be it as different requests have it.
    package func isSame(as other: ServedModel) -> Bool { held.toOpaque() == other.held.toOpaque() }

    /// Changes its seconds in relation to those of other models.
    func change(weight: Double) { scheduler.change(weight: weight, of: number) }

    deinit {
        guard original == nil else { return }
        // Nobody has a request any more, or it would hold the model.
        var objects = DeferredRelease()
        objects.keep(content)
        held.release()
        scheduler.remove(number, releasing: objects)
    }

    /// What can be asked of it.
    package var tasks: [any TaskSteps.Type] { pipelines.map { type(of: $0.steps) } }

    /// What it is asked for by a name of `transformers`.
    package func pipeline(named task: String) -> JSONPipeline? {
        pipelines.first { $0.names.contains(task) }
    }

    /// A task on it; nil if it was not loaded for it and what it reads is not enough, or the checkpoint cannot do it.
    package func task<Task: TaskSteps>(_: Task.Type) -> Task? {
        pipelines.lazy.compactMap { $0.steps as? Task }.first
    }

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
        let admitted = try await admit(texts: texts, for: client, in: memory, room: room, prepare: prepare)
        defer { withExtendedLifetime(admitted.taken) {} }
        let prepared = admitted.prepared
        let (readings, timing, generation) =
            prepared.work.generations.isEmpty
            ? try await passes(of: prepared.work, for: client, admitted.taken)
            : try await generated(by: admitted, for: client)
        metrics.queueTime.record(duration: timing.queue)
        client.notes?.note { $0.timing = timing }

        let end = clock.now
        let result = try await client.work { scope in try prepared.finish(readings, scope) }
        metrics.encodingTime.record(duration: end.duration(to: clock.now))
        return Answer(
            result: result, timing: timing, tokenization: admitted.tokenization, tokens: prepared.work.tokens,
            reservation: admitted.reservation, generation: generation)
    }

    /// A request that was let in up to the gate.
    struct Admitted<Prepared: PreparedWork>: Sendable {
        let prepared: Prepared
        /// Checking and tokenizing it.
        let tokenization: Duration
        /// The place of its answer in the memory.
        let reservation: MemoryBudget.Reservation
        /// Its tokens among those of its caller.
        let taken: CallerAccount.TokensTaken?
    }

    /// Prepares a request, and takes what it needs of memory and of its caller's tokens.
    func admit<Prepared: PreparedWork>(
        texts: TextSize, for client: Client, in memory: MemoryBudget,
        room: @Sendable (_ bytes: Int) async throws -> Void = { _ in },
        prepare: @Sendable (RequestScope) async throws(PipelineError) -> Prepared
    ) async throws -> Admitted<Prepared> {
        let clock = ContinuousClock()
        let start = clock.now
        client.notes?.note { $0.model = name }
        let reservation = try counted { () throws(ServingError) in
            try client.caller.check(name)
            try refuse(texts, of: client)
            return try memory.reserve(AnswerSize.product(texts.count, Self.bytesPerSequence))
        }
        let prepared = try await client.work { scope in
            let reading = try counted { () throws(ServingError) in try memory.reserve(passing: texts.bytesOfReading) }
            defer { withExtendedLifetime(reading) {} }
            return try await prepare(scope)
        }
        try generator?.check(prepared.work)
        let tokenization = start.duration(to: clock.now)
        metrics.tokenizationTime.record(duration: tokenization)
        let taken = try counted { () throws(ServingError) in
            try reservation.grow(by: prepared.answerBytes)
            let tokens = prepared.work.tokens
            client.notes?.note { $0.tokens = tokens }
            return try client.caller.take(tokens: AnswerSize.sum(tokens, mostGenerated(prepared.work)))
        }
        try await room(prepared.answerBytes)
        return Admitted(
            prepared: prepared, tokenization: tokenization, reservation: reservation, taken: taken)
    }

    /// What was read of the sequences of a request to an encoder, and where its time went.
    private func passes(
        of work: ModelWork, for client: Client, _ taken: CallerAccount.TokensTaken?
    ) async throws -> ([ModelWork.Reading], RequestTiming, GenerationFacts?) {
        let request = EncoderRequest(work, to: number, widths, of: client)
        do {
            scheduler.submit(request)
            let readings = try await withTaskCancellationHandler {
                try await request.answer.next()
            } onCancel: {
                scheduler.withdraw(request)
            }
            guard let readings else { throw CancellationError() }
            return (readings, request.ticket.timing, nil)
        } catch let error as ServingError {
            if error.code == .overloaded || error.code == .requestTooLarge { taken?.putBack() }
            if error.code != .deadlineExceeded { metrics.countRejection(error) }
            throw error
        }
    }

    /// What a sequence takes while it is in flight, beside its answer.
    private static let bytesPerSequence = 256

    /// Sequences that wait for a batch.
    package var waitingItems: Int { scheduler.waitingItems(of: number) }

    /// Sequences that are being computed.
    package var runningItems: Int { scheduler.read { $0.running(number) } }

    /// Tokens that the next batch may have.
    package var batchBudget: Int { scheduler.read { $0.batchBudget(number) } }
}
