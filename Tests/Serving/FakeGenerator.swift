import Metrics
import PenstockCompute
import PenstockServing
import PenstockTestSupport
import Synchronization

/// A request that gets number after number: one for each slice of it that is run.
final class CountingRequest: ScheduledRequest, @unchecked Sendable {
    // Safe to share: `next` is touched by the scheduler's thread alone.

    let ticket: Ticket
    let answer: AnswerSink<Int>
    let slices: [Slice]
    /// The number after the last.
    let count: Int
    var next = 0

    var end: any AnswerEnd { answer }

    init(to model: Int, of client: Client, count: Int, capacity: Int) {
        ticket = Ticket(model: model, client: client)
        answer = AnswerSink(capacity: capacity)
        // A prompt of 16 tokens first.
        slices = [Slice(sequence: 0, length: 16)]
        self.count = count
    }
}

/// Counts instead of generating: each batch gives each of its requests its next number.
final class FakeGenerator: SliceRunner {
    /// The requests of each batch, by how far they count.
    let batches: Batches

    final class Batches: Sendable {
        private let record = Mutex<[[Int]]>([])
        private let offers = Atomic<Int>(0)

        /// Numbers that were offered to their readers.
        var offered: Int { offers.load(ordering: .acquiring) }

        var all: [[Int]] { record.withLock { $0 } }
        func append(_ batch: [Int]) { record.withLock { $0.append(batch) } }
        func noteOffer() { offers.add(1, ordering: .releasing) }
    }

    init(_ batches: Batches) { self.batches = batches }

    func run(_ batch: [RunnableSlice<CountingRequest>], on cpu: CPU, in arena: Workspace) -> Bool {
        batches.append(batch.map(\.request.count))
        return true
    }

    func deliver(_ batch: [RunnableSlice<CountingRequest>]) -> [SliceOutcome] {
        batch.map { item in
            let request = item.request
            let hasRoom = request.answer.offer(request.next)
            batches.noteOffer()
            request.next += 1
            guard request.next < request.count else {
                request.answer.finish()
                return .done
            }
            let end = item.slice.tokens.upperBound
            let slice = Slice(
                sequence: 0, tokens: end..<end + 1, work: WorkSize(tokens: 1, pairs: Double(end + 1)))
            return hasRoom ? .next(slice) : .whenRoom(request.answer, slice)
        }
    }
}

extension Scheduler {
    /// Takes in a generator that counts.
    func add(_ batches: FakeGenerator.Batches) throws -> Int {
        let entry = SchedulerEntry(
            FakeGenerator(batches), arenaBytes: 0, model: "fake", metrics: NOOPMetricsHandler.instance)
        return try add(entry, GateConfiguration(), costs: CostModel())
    }

    /// What a request that counts is answered.
    func count(_ request: CountingRequest) async throws -> [Int] {
        submit(request)
        var numbers: [Int] = []
        try await withTaskCancellationHandler {
            while let number = try await request.answer.next() { numbers.append(number) }
        } onCancel: {
            withdraw(request)
        }
        return numbers
    }
}
