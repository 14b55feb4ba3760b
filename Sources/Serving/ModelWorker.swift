import Dispatch
import Foundation
import PenstockJSON
import PenstockPipelines
import Synchronization

/// One loaded pipeline, its queue, and the thread that computes.
///
/// Requests are checked and tokenized by whoever asks, wait in one queue, and are computed in batches by the model's
/// own thread. An idle model starts at once; while it is busy, requests gather and become the next batch. Each answer
/// is bitwise the one that its request gets alone.
public final class ModelWorker: Sendable {
    /// What it serves.
    public let pipeline: Pipeline
    private let desk: WorkDesk

    /// Starts the thread.
    public init(_ pipeline: Pipeline, _ configuration: ServingConfiguration = ServingConfiguration()) {
        self.pipeline = pipeline
        let desk = WorkDesk(tokenBudget: configuration.maxBatchTokens)
        self.desk = desk
        let thread = Thread {
            let runner = BatchRunner(pipeline.model, configuration)
            while let batch = desk.nextBatch() { runner.run(batch) }
        }
        thread.name = "model"
        // Foundation's default is 512 KiB; tokenizers and readouts of large requests may recurse deeper.
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit { stop() }

    /// Answers a request as the pipeline of `transformers` does.
    ///
    /// - Parameters:
    ///   - inputs: what the task takes: a text, a list of texts, …
    ///   - parameters: its options by name
    /// - Returns: the result as JSON text.
    /// - Throws: `PipelineError` for what the task cannot take, ``ServingError`` when it is stopped, and
    ///   `CancellationError` when the task is cancelled while it waits.
    public func answer(_ inputs: JSONValue, parameters: JSONObject = JSONObject()) async throws -> [UInt8] {
        let pending = PendingRequest(try pipeline.prepare(inputs, parameters: parameters))
        let answers = try await withTaskCancellationHandler {
            try await pending.answers { desk.submit(pending) }
        } onCancel: {
            desk.withdraw(pending)
        }
        return pending.request.write(answers)
    }

    /// Takes no more requests, refuses those that wait, and ends the thread after the batch that it runs.
    public func stop() { desk.close() }
}

/// Where requests are laid down and the model's thread picks up batches.
private final class WorkDesk: Sendable {
    private struct State {
        var queue: BatchQueue<WorkItem>
        var isClosed = false
    }

    private let state: Mutex<State>
    private let bell = DispatchSemaphore(value: 0)

    init(tokenBudget: Int) { state = Mutex(State(queue: BatchQueue(tokenBudget: tokenBudget))) }

    func submit(_ pending: PendingRequest) {
        let isAccepted = state.withLock { state in
            guard !state.isClosed else { return false }
            for (index, input) in pending.request.sequences.enumerated() {
                state.queue.append(WorkItem(pending: pending, index: index), tokens: input.ids.count)
            }
            return true
        }
        guard isAccepted else { return pending.fail(Self.stopped) }
        bell.signal()
        if Task.isCancelled { withdraw(pending) }
    }

    func withdraw(_ pending: PendingRequest) {
        state.withLock { $0.queue.removeAll { $0.pending === pending } }
        pending.fail(CancellationError())
    }

    /// The next batch; waits for one. Nil once the desk is closed.
    func nextBatch() -> [WorkItem]? {
        while true {
            let batch: [WorkItem]? = state.withLock { state in
                guard !state.isClosed else { return nil }
                state.queue.removeAll { !$0.pending.isAwaited }
                return state.queue.takeBatch()
            }
            guard let batch else { return nil }
            if !batch.isEmpty { return batch }
            bell.wait()
        }
    }

    func close() {
        let refused = state.withLock { state in
            state.isClosed = true
            var items: [WorkItem] = []
            while !state.queue.isEmpty { items += state.queue.takeBatch() }
            return items
        }
        for item in refused { item.pending.fail(Self.stopped) }
        bell.signal()
    }

    private static let stopped = ServingError(code: .stopped, message: "the server is shutting down; try again later")
}
