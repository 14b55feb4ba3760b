import Metrics
import PenstockCompute
import PenstockPipelines
import Synchronization

/// One pool of threads that compute, and the models that share it: takes requests, and runs them in batches.
///
/// An idle pool starts at once; while it is busy, requests gather and become the next batches. Between batches, work
/// that is no request's gets its turns. What happens under the lock is short, however many wait; those who wait are
/// told of their outcome outside of it.
package final class Scheduler: Sendable {
    /// The threads of the pool.
    package let threads: Int
    /// The instruction set.
    package let kernels: Kernels
    /// The account of the memory that the models take that it runs.
    package let ledger: MemoryLedger
    private let desk: SchedulerDesk

    /// That of the process, with a thread for each physical core that it may use.
    package static let shared = Result { () throws(ResourceError) in try Scheduler() }

    /// Starts the threads.
    ///
    /// - Throws: ``ResourceError`` if the system has none left.
    package init(threads: Int = AvailableProcessors.count, ledger: MemoryLedger = .shared) throws(ResourceError) {
        _ = try WorkThreads.shared.get()
        _ = try AlarmClock.shared.get()
        let pool = ComputePool(threads: threads)
        let desk = SchedulerDesk(arenaMemory: ledger.nothing)
        (self.threads, kernels, self.ledger, self.desk) = (pool.threads, pool.kernels, ledger, desk)
        try ComputeThread.start(name: "scheduler") { ComputeLoop(desk, pool.lend()).run() }
    }

    deinit { stop() }

    // MARK: Models

    /// Takes in a model.
    ///
    /// Waits for a turn, so it must not be called on the threads that receive and send.
    ///
    /// - Parameter memory: where what the arena grows by is reserved; nil if it is not
    /// - Returns: the number by which its requests name it.
    /// - Throws: ``ResourceError`` if there is no memory for its passes, and ``TurnsEnded`` if the scheduler stops.
    package func add(
        _ entry: SchedulerEntry, _ configuration: GateConfiguration, costs: CostModel,
        from memory: MemoryLedger.Reservation? = nil
    ) throws -> Int {
        try loadingTurns.turn { [desk] _ in try desk.add(entry, configuration, costs, from: memory) }
    }

    /// Turns further requests to a model away and returns. When those that it has are answered, its entry is let go,
    /// and `objects` with it.
    func remove(_ model: Int, releasing objects: DeferredRelease) { desk.remove(model, objects) }

    /// Changes a model's seconds in relation to those of others.
    func change(weight: Double, of model: Int) { desk.change { $0.change(weight: weight, of: model) } }

    /// The processor in turns between batches, for one thread.
    package var loadingTurns: ComputeTurns {
        ComputeTurns(threads: threads, kernels: kernels) { [desk] in
            desk.read(\.isEmpty)
        } begin: { [desk] () throws(TurnsEnded) in
            try desk.beginTurn()
        } end: { [desk] in
            desk.endTurn(seconds: $0)
        }
    }

    /// The bytes of the memory in which all passes work.
    package var arenaBytes: Int { desk.arenaBytes }

    /// The bytes of it that are reserved.
    var reservedArenaBytes: Int { desk.reservedArenaBytes }

    // MARK: Requests

    /// Lets a request in, or ends its answer with an error.
    package func submit(_ request: some ScheduledRequest) { desk.submit(request) }

    /// Takes a request out again, if it is still there.
    package func withdraw(_ request: some ScheduledRequest) {
        // In this order: pages are taken from requests that have ended, as soon as one is forgotten.
        request.end.finish(throwing: CancellationError())
        desk.forget(request)
    }

    /// Returns why a request that has at least this work and so many sequences would certainly be refused now, and
    /// takes note that it is; nil if it may be submitted.
    func refusal(
        forAtLeast work: WorkSize, sequences: Int, by model: Int, for client: Client
    ) -> ServingError? {
        desk.refusal(forAtLeast: work, sequences: sequences, by: model, for: client)
    }

    /// Slices of a model that wait for a batch.
    package func waitingItems(of model: Int) -> Int { read { $0.waiting(model).items } }

    /// The time in which the engine would be done with all that is here, if nothing more came.
    package var load: Duration {
        let now = ContinuousClock.now
        return read { $0.load(at: now) }
    }

    /// Reads something off the gate.
    func read<Value>(_ body: (Gate<ContinuousClock.Instant>) -> Value) -> Value { desk.read(body) }

    // MARK: The end

    /// Runs what waits for company, and lets nothing wait for it any more.
    package func stopLingering() { desk.change { $0.stopLingering() } }

    /// Refuses requests, also those that wait, gives no more turns, and ends the thread after the batch that it runs.
    package func stop() { desk.close() }
}

/// The entry of a model in a scheduler.
package final class SchedulerEntry: @unchecked Sendable {
    // Safe to share: the runner is used by the scheduler's thread alone.

    let runner: any SliceRunner
    /// The runner, if its requests hold pages.
    let pages: (any PageHolder)?
    let metrics: ServingMetrics
    /// Bytes in which its passes work.
    let arenaBytes: Int

    init(_ runner: any SliceRunner, arenaBytes: Int, _ metrics: ServingMetrics) {
        (self.runner, self.arenaBytes, self.metrics) = (runner, arenaBytes, metrics)
        pages = runner as? any PageHolder
    }

    /// - Parameter model: the name of the model in the metrics
    package convenience init(
        _ runner: any SliceRunner, arenaBytes: Int, model: String, metrics: any MetricsFactory
    ) {
        self.init(runner, arenaBytes: arenaBytes, ServingMetrics(metrics, model: model))
    }
}
