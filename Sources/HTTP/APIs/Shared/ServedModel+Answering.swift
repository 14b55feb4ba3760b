import HTTPTypes
import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

extension ServedModel {
    /// Answers inputs of a task in JSON that `write` writes.
    ///
    /// - Parameters:
    ///   - texts: how many texts there are in the inputs, and their bytes
    ///   - write: writes one JSON value; it is lent what makes the output of each input
    func answer<Task: TaskSteps>(
        _ task: Task, _ inputs: [Task.Input], _ options: Task.Options, texts: TextSize, for client: Client,
        in memory: MemoryBudget,
        write: @escaping @Sendable (Outputs<Task>, inout JSONWriter, RequestScope) throws(PipelineError) -> Void
    ) async throws -> Answer<[UInt8]> {
        let answer = try await answer(texts: texts, for: client, in: memory) { (scope) async throws(PipelineError) in
            try await task.prepare(inputs, options, in: scope) { (outputs, scope) throws(PipelineError) in
                var writer = JSONWriter()
                try write(outputs, &writer, scope)
                return writer.finish()
            }
        }
        answer.reservation.shrink(to: answer.result.count)
        return answer
    }
}

extension Response {
    /// An answer of JSON text, with the times that it took.
    init(_ answer: ServedModel.Answer<[UInt8]>) {
        self.init(json: answer.result, holding: answer.reservation)
        headers.addServerTiming("queue", answer.timing.queue)
        headers.addServerTiming("inference", answer.timing.inference)
        headers.addServerTiming("batch;desc=\"\(answer.timing.batchItems)\"")
    }
}
