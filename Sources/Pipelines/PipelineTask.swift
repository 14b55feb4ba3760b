import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// A task of `transformers.pipeline`: from JSON to sequences, from the model's rows to answers, from answers to JSON.
package protocol PipelineTask: Sendable {
    /// What a request asks, beyond its sequences.
    associatedtype Question: Sendable
    /// What is kept of the rows of one sequence.
    associatedtype Answer: Sendable

    /// What the task reads out of the model.
    static var readout: Readout { get }

    /// Reads what the task needs besides the model.
    init(_ resources: TaskResources) throws

    /// Turns the inputs of a request into sequences. Takes every parameter that the task knows out of `parameters`.
    ///
    /// - Parameter scope: asked between texts, so that long work ends when nobody waits for it.
    func preprocess(
        _ inputs: JSONValue, _ parameters: inout Parameters, in scope: RequestScope
    ) async throws(PipelineError) -> TaskRequest<Question>

    /// Boils the rows of sequence number `index` down to its answer, on the model's thread.
    ///
    /// Called at least once per sequence; where a sequence's rows come in parts, in their order, with the answer so far.
    ///
    /// - Parameter rows: `[rows, width of the readout]`; may be overwritten.
    func read(
        _ rows: Matrix, of index: Int, _ question: Question, on cpu: CPU, into answer: inout Answer?
    ) throws(PipelineError)

    /// Writes the result: one JSON value.
    ///
    /// - Parameters:
    ///   - answers: one per sequence, in their order
    ///   - scope: asked between elements, so that a long answer ends when nobody waits for it
    func postprocess(
        _ answers: [Answer], _ question: Question, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError)
}

/// What a task makes of the inputs of a request.
package struct TaskRequest<Question: Sendable>: Sendable {
    /// The sequences to run, at least one.
    package var sequences: [ModelInput] = []
    /// What is asked beyond them.
    package let question: Question
    /// Bytes that the answer takes at most: what is kept of the rows, and its JSON text.
    package var answerBytes: Int

    package init(_ sequences: [ModelInput], _ question: Question, answerBytes: Int) {
        self.sequences = sequences
        self.question = question
        self.answerBytes = answerBytes
    }
}

/// What a task is made of.
package struct TaskResources: Sendable {
    /// The directory that the user named; holds modules.json, if any.
    package let directory: String
    /// The transformer's checkpoint, often the same directory.
    package let checkpoint: Checkpoint
    /// Its tokenizer.
    package let tokenizer: Tokenizer
    /// What the model can take.
    package let limits: ModelLimits
    /// What further layers are loaded for.
    package let engine: Engine
}
