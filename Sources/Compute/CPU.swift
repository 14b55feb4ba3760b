/// The operations that models are made of, on the processor's cores.
///
/// Architectures speak in these and in nothing below them. All operations work on packed rows, write their whole
/// result, and allocate nothing once they have been run on as much. One thread at a time may use a `CPU`, which a
/// ``ComputePool`` lends.
package final class CPU: @unchecked Sendable {
    // Safe to share: the scratch memory is used by the one thread that uses the `CPU`.

    /// The instruction set.
    package let kernels: Kernels
    /// The threads that share an operation; nil for one of the ``lanes``.
    private let pool: ThreadPool?
    /// The lane's number; 0 for the whole.
    private let lane: Int
    /// Processors of a thread each, on which blocks of rows run side by side.
    private let lanes: [CPU]
    /// The memory in which rows are rounded to the precision of a product.
    let operands = OperandScratch()
    /// The memory that threads have fetched of weights.
    let fetched: FetchedAhead
    /// The times of the stages, if somebody asks.
    private var times: StageTimes?

    /// The threads that an operation runs on.
    package var threads: Int { pool?.threads ?? 1 }

    /// A processor of the threads of a pool.
    init(_ pool: ThreadPool, _ kernels: Kernels) {
        self.kernels = kernels
        self.pool = pool
        fetched = FetchedAhead(threads: pool.threads)
        lane = 0
        lanes = (0..<pool.threads).map { CPU(lane: $0, kernels) }
    }

    private init(lane: Int, _ kernels: Kernels) {
        self.kernels = kernels
        self.lane = lane
        fetched = FetchedAhead(threads: lane + 1)
        pool = nil
        lanes = []
    }

    /// Runs all chunks of a job and returns when the last one is done; see ``ThreadPool/run(_:chunks:)``.
    package func run(_ job: some ParallelJob, chunks: Int) {
        if let pool {
            pool.run(job, chunks: chunks)
        } else {
            for chunk in 0..<chunks { job.run(chunk: chunk, thread: lane) }
        }
    }
}

extension CPU {
    /// Starts to note where the time goes.
    package func startTiming() {
        times = StageTimes()
        for lane in lanes { lane.startTiming() }
    }

    /// Ends to note it.
    ///
    /// - Returns: what each stage took, of several threads at a time their mean.
    package func stopTiming() -> [Stage: Duration] {
        var result: [Stage: Duration] = [:]
        for stage in Stage.allCases {
            let onLanes = lanes.reduce(Duration.zero) { $0 + ($1.times?[stage] ?? .zero) }
            result[stage] = (times?[stage] ?? .zero) + onLanes / threads
        }
        times = nil
        for lane in lanes { lane.times = nil }
        return result
    }

    /// Does `body` and notes its time.
    func timed<Result>(_ stage: Stage, _ body: () -> Result) -> Result {
        guard times != nil else { return body() }
        let start = ContinuousClock.now
        defer { times?[stage] += start.duration(to: .now) }
        return body()
    }
}

extension CPU {
    /// The most rows of a block on a lane.
    var blockRows: Int { kernels.blockRows }
    /// Fewer rows for each thread are not worth a block of their own, for which it reads all weights: then the threads
    /// share each operation.
    static let fewestRows = 24

    /// Does operations that treat each row by itself, in blocks of rows that stay in a core's cache from one operation
    /// to the next: for ranges that together are all rows, on several threads at a time.
    package func forEachBlock(of rows: Int, _ job: some RowsJob) {
        guard rows > 0 else { return }
        if threads > 1 && rows < threads * Self.fewestRows { return job.run(0..<rows, on: self) }
        let perThread = (rows + threads * blockRows - 1) / (threads * blockRows)
        let blocks = RowBlocks(rows: rows, step: kernels.rowStep, count: threads * perThread)
        guard pool != nil else {
            for block in 0..<blocks.count where !blocks[block].isEmpty { job.run(blocks[block], on: self) }
            return
        }
        run(BlockJob(blocks: blocks, lanes: lanes, job: job), chunks: blocks.count)
        levelScratch()
    }

    /// Gives all lanes as much memory as any: what one has computed now, another one may the next time, which is not to
    /// allocate any more.
    private func levelScratch() {
        let largest = lanes.reduce(0) { max($0, $1.operands.capacity) }
        for lane in lanes { lane.operands.reserve(largest) }
    }

    /// The first rows of what ``localMatrix(columns:from:)`` made for this `CPU`.
    package func local(_ matrix: Matrix, rows: Int) -> Matrix {
        matrix.rows(lane * blockRows..<lane * blockRows + rows)
    }

    /// Memory for what a block of rows hands from one operation to the next: for each lane the rows of a block.
    package func localMatrix(
        columns: Int, precision: Precision = .float32, from workspace: Workspace
    ) -> Matrix {
        workspace.matrix(rows: threads * blockRows, columns: columns, precision: precision)
    }
}

/// Operations that treat each row by itself.
///
/// A plain struct on the caller's stack, as ``ParallelJob`` is: a closure that goes to other threads would be allocated.
package protocol RowsJob {
    /// Does the rows of a range with the operations of this `CPU`.
    func run(_ rows: Range<Int>, on cpu: CPU)
}

/// Rows in blocks of about one size, each of which starts at a multiple of a step.
private struct RowBlocks {
    let rows: Int
    let step: Int
    let count: Int

    subscript(block: Int) -> Range<Int> {
        let steps = (rows + step - 1) / step
        let start = min(steps * block / count * step, rows)
        return start..<min(steps * (block + 1) / count * step, rows)
    }
}

/// One block of rows on one lane.
private struct BlockJob<Job: RowsJob>: ParallelJob {
    let blocks: RowBlocks
    let lanes: [CPU]
    let job: Job

    func run(chunk: Int, thread: Int) {
        let rows = blocks[chunk]
        if !rows.isEmpty { job.run(rows, on: lanes[thread]) }
    }
}

extension CPU {
    /// Does things that have nothing to do with each other, several at a time if there are enough of them; else one after
    /// the other, each with all threads.
    package func forEachItem(of count: Int, _ job: some ItemsJob) {
        guard pool != nil, threads > 1, count >= threads else {
            for item in 0..<count { job.run(item, on: self) }
            return
        }
        run(LaneJob(lanes: lanes, job: job), chunks: count)
        levelScratch()
    }
}

/// Things that have nothing to do with each other.
package protocol ItemsJob {
    /// Does one of them with the operations of this `CPU`.
    func run(_ item: Int, on cpu: CPU)
}

/// One thing on one lane.
private struct LaneJob<Job: ItemsJob>: ParallelJob {
    let lanes: [CPU]
    let job: Job

    func run(chunk: Int, thread: Int) { job.run(chunk, on: lanes[thread]) }
}
