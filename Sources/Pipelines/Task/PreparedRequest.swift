import PenstockCompute
import PenstockModels

/// A request ready for the model.
package protocol PreparedWork: Sendable {
    /// What the model computes.
    var work: ModelWork { get }
    /// Bytes that the answer takes at most, with all that is needed on the way to it.
    var answerBytes: Int { get }
}

/// A request ready for the model, and what becomes of the rows that come out of it.
package struct PreparedRequest<Result: Sendable>: PreparedWork {
    /// The work that the model computes.
    package let work: ModelWork
    /// Bytes that the result takes at most, with all that is needed on the way to it.
    package let answerBytes: Int
    /// Makes the result of one reading per sequence, in their order. The scope is asked between elements, so that a long
    /// answer ends when nobody waits for it.
    package let finish: @Sendable ([ModelWork.Reading], RequestScope) throws(PipelineError) -> Result
}

/// The sequences of a request, and how their rows are read, whatever its task is.
package struct ModelWork: Sendable {
    /// The sequences to run, at least one.
    package let sequences: [ModelInput]
    /// Boils rows of a sequence down; see ``TaskSteps/read(_:of:_:_:on:into:)``.
    package let read: @Sendable (Matrix, _ index: Int, CPU, _ reading: inout Reading) throws(PipelineError) -> Void
    /// How each sequence goes on, if the task generates; see ``TaskSteps/generation(of:_:_:)``.
    package let generations: [SequenceGeneration]

    /// The tokens of all sequences, special ones included; of several choices for a prompt those of the first.
    package var tokens: Int {
        sequences.indices.reduce(0) { sum, index in
            let isCopy = generations.indices.contains(index) && generations[index].choice > 0
            return isCopy ? sum : sum + sequences[index].ids.count
        }
    }

    /// The part that is kept of a sequence's rows: empty at first, then of the type that the task knows.
    package struct Reading: Sendable {
        fileprivate var value: (any Sendable)?
        /// Of nothing read yet.
        package init() {}

        /// What was generated for a sequence.
        package init(_ text: GeneratedText) { value = text }
    }
}

extension TaskSteps {
    /// Prepares a request of several inputs, which are answered one for one and in their order.
    ///
    /// - Parameters:
    ///   - scope: asked between inputs
    ///   - finish: makes the result; it is lent the count of the inputs and a function that makes the output of each
    /// - Throws: ``PipelineError`` for whatever the task cannot take, and for an answer that would be too large.
    package func prepare<Result: Sendable>(
        _ inputs: [Input], _ options: Options, in scope: RequestScope,
        finish: @escaping @Sendable (Outputs<Self>, RequestScope) throws(PipelineError) -> Result
    ) async throws(PipelineError) -> PreparedRequest<Result> {
        let plan = try await plan(options, in: scope)
        let (request, work, answerBytes) = try await prepareInputs(inputs, plan, in: scope)
        let tokens = work.tokens
        return PreparedRequest(work: work, answerBytes: answerBytes) { (readings, scope) throws(PipelineError) in
            try finish(Outputs(readings, of: request, tokens: tokens), scope)
        }
    }

    /// Prepares the inputs of a request.
    ///
    /// - Returns: what is kept of the inputs, the work, and the bytes that the answer takes at most.
    func prepareInputs(
        _ inputs: [Input], _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> (inputs: PreparedInputs<Self>, work: ModelWork, answerBytes: Int) {
        var questions: [Question] = []
        var ends: [Int] = []
        var sequences: [ModelInput] = []
        var generations: [SequenceGeneration] = []
        var (answerBytes, largest) = (0, 0)
        var pace = scope.pace
        for (index, input) in inputs.enumerated() {
            try await pace.step()
            let prepared: PreparedInput<Question>
            do throws(PipelineError) {
                prepared = try await prepare(input, plan, in: scope)
            } catch {
                throw inputs.count > 1 ? error.about("inputs[\(index)]") : error
            }
            questions.append(prepared.question)
            generations += prepared.sequences.indices.compactMap { generation(of: $0, prepared.question, plan) }
            sequences += prepared.sequences
            ends.append(sequences.count)
            answerBytes = AnswerSize.sum(answerBytes, prepared.answerBytes)
            largest = max(largest, prepared.answerBytes)
            try scope.require(answerBytes: answerBytes)
        }
        let request = PreparedInputs(task: self, plan: plan, questions: questions, ends: ends)
        let work = ModelWork(
            sequences: sequences,
            read: { (rows, index, cpu, reading) throws(PipelineError) in
                try request.read(rows, of: index, on: cpu, into: &reading)
            }, generations: generations)
        // One output at a time stands beside the text that is written of it.
        return (request, work, AnswerSize.sum(answerBytes, largest))
    }

    /// Prepares a request whose result are the outputs themselves.
    package func prepare(
        _ inputs: [Input], _ options: Options, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedRequest<[Output]> {
        try await prepare(inputs, options, in: scope) { (outputs, scope) throws(PipelineError) in
            var all: [Output] = []
            for index in outputs.indices { all.append(try outputs.output(at: index, in: scope)) }
            return all
        }
    }
}

/// The inputs of a request, ready to be read.
final class PreparedInputs<Task: TaskSteps>: Sendable {
    let task: Task
    let plan: Task.Plan
    let questions: [Task.Question]
    /// The ends of the sequences of each input.
    private let ends: [Int]

    init(task: Task, plan: Task.Plan, questions: [Task.Question], ends: [Int]) {
        (self.task, self.plan, self.questions, self.ends) = (task, plan, questions, ends)
    }

    func sequences(of input: Int) -> Range<Int> { (input == 0 ? 0 : ends[input - 1])..<ends[input] }

    func read(
        _ rows: Matrix, of sequence: Int, on cpu: CPU, into reading: inout ModelWork.Reading
    ) throws(PipelineError) {
        let input = input(of: sequence)
        var typed = reading.value as? Task.Reading
        reading.value = nil
        try task.read(
            rows, of: sequence - sequences(of: input).lowerBound, questions[input], plan, on: cpu, into: &typed)
        reading.value = typed
    }

    /// The input that a sequence belongs to: the first that ends behind it.
    private func input(of sequence: Int) -> Int {
        // Most inputs are one sequence each.
        if ends.count == ends.last { return sequence }
        var candidates = ends.indices
        while let first = candidates.first, candidates.count > 1 {
            let middle = first + candidates.count / 2
            if ends[middle - 1] > sequence {
                candidates = first..<middle
            } else {
                candidates = middle..<candidates.endIndex
            }
        }
        return candidates.lowerBound
    }
}

/// The outputs of a request, each of which is made when it is asked for.
package struct Outputs<Task: TaskSteps> {
    private let readings: [Task.Reading]
    private let request: PreparedInputs<Task>
    /// The tokens that were computed for the request, special ones included.
    package let tokens: Int

    fileprivate init(_ readings: [ModelWork.Reading], of request: PreparedInputs<Task>, tokens: Int) {
        self.tokens = tokens
        self.readings = readings.compactMap { $0.value as? Task.Reading }
        self.request = request
        precondition(self.readings.count == readings.count, "a sequence was not read")
    }

    package var indices: Range<Int> { request.questions.indices }

    /// The output of an input.
    package func output(at index: Int, in scope: RequestScope) throws(PipelineError) -> Task.Output {
        try scope.check()
        return try request.task.output(
            readings[request.sequences(of: index)], request.questions[index], request.plan, in: scope)
    }
}
