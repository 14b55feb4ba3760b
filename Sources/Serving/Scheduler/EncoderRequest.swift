import PenstockCompute
import PenstockModels
import PenstockPipelines
import Synchronization

/// A request to an encoder: each of its sequences is one slice, and what was read of all of them is the one element of its
/// answer.
final class EncoderRequest: ScheduledRequest, @unchecked Sendable {
    // Safe to share: `readings` and `unfinished` are touched by the scheduler's thread and, a reading each, by those of its
    // pool, between submission and the answer.

    typealias Answer = AnswerSink<[ModelWork.Reading]>

    let ticket: Ticket
    let slices: [Slice]
    let answer = Answer(capacity: 1)
    private let work: ModelWork
    private let readings: UnsafeMutableBufferPointer<ModelWork.Reading>
    private var unfinished: Int

    var end: any AnswerEnd { answer }

    init(_ work: ModelWork, to model: Int, _ widths: [Readout: Int], of client: Client) {
        self.work = work
        ticket = Ticket(model: model, client: client)
        slices = work.sequences.enumerated().map { index, input in
            Slice(sequence: index, length: input.ids.count, outputs: input.rows * (widths[input.readout] ?? 0))
        }
        unfinished = slices.count
        readings = .allocate(capacity: slices.count)
        readings.initialize(repeating: ModelWork.Reading())
    }

    deinit {
        readings.deinitialize()
        readings.deallocate()
    }

    func input(_ slice: Slice) -> ModelInput { work.sequences[slice.sequence] }

    /// Forgets what was read of a sequence, whose batch has to be run again.
    func reset(_ slice: Slice) { readings[slice.sequence] = ModelWork.Reading() }

    /// Takes in rows of a sequence; those of several sequences on several threads at a time.
    func read(_ rows: Matrix, of slice: Slice, on cpu: CPU) {
        do {
            try work.read(rows, slice.sequence, cpu, &readings[slice.sequence])
        } catch {
            end.finish(throwing: error)
        }
    }

    /// Counts a sequence as done, and answers the request with its last one.
    func finishSequence() {
        unfinished -= 1
        guard unfinished == 0, end.isOpen else { return }
        answer.offer(Array(readings))
        answer.finish()
    }
}
