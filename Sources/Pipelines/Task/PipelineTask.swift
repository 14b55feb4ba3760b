import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// A task of `transformers.pipeline`: what it takes and what it gives.
public protocol PipelineTask: Sendable {
    /// One thing to answer.
    associatedtype Input: Sendable
    /// The options of an answer. A new value is what the task does if nobody asks for anything else.
    associatedtype Options: TaskOptions
    /// The answer to one input.
    associatedtype Output: Sendable
}

/// The options of a task.
public protocol TaskOptions: Sendable {
    /// The defaults.
    init()
}

/// The steps of a task: an input becomes sequences, rows that a model reads out of them are boiled down, and what is left
/// becomes an output. It knows nothing of JSON.
package protocol TaskSteps: PipelineTask {
    /// A plan: what the options of a request mean for this checkpoint, found out once per request.
    associatedtype Plan: Sendable
    /// A question: what is kept of an input until its output is made.
    associatedtype Question: Sendable
    /// A reading: what is kept of the rows of one sequence.
    associatedtype Reading: Sendable

    /// The readout that the task takes of the model.
    static var readout: Readout { get }

    /// Returns why a checkpoint that has the head cannot do the task all the same; nil if it can.
    static func obstacle(in files: CheckpointFiles) throws -> String?

    /// Returns false for a checkpoint with which the task runs, but was not trained for it.
    static func isMeant(for files: CheckpointFiles) -> Bool

    /// True if it puts the prompts before texts that the model was loaded with.
    static var takesPrompts: Bool { get }

    /// Makes the layers that the task has of its own, if any, for a target that plans them.
    ///
    /// - Parameter limits: what the model can take
    static func planLayers(of files: CheckpointFiles, _ limits: ModelLimits, for target: LoadTarget) throws

    /// Reads what the task needs besides the model.
    init(_ resources: TaskResources) throws

    /// Warnings for whoever made the task of a checkpoint.
    var warnings: [String] { get }

    /// Checks the options of a request.
    ///
    /// - Parameter scope: asked between texts, so that long work ends when nobody waits for it.
    func plan(_ options: Options, in scope: RequestScope) async throws(PipelineError) -> Plan

    /// Turns an input into sequences, at least one.
    ///
    /// - Parameter scope: asked between texts, so that long work ends when nobody waits for it.
    func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<Question>

    /// Boils down the rows of sequence number `index` of an input, on the pool, beside those of other sequences.
    ///
    /// Called at least once per sequence; where a sequence's rows come in parts, in their order, with the reading so far.
    ///
    /// - Parameter rows: `[rows, width of the readout]`; may be overwritten.
    func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) throws(PipelineError)

    /// Returns how sequence number `index` of an input goes on, of a task that generates; nil for one that reads rows.
    func generation(of index: Int, _ question: Question, _ plan: Plan) -> SequenceGeneration?

    /// Makes the output of an input.
    ///
    /// - Parameters:
    ///   - readings: one per sequence of the input, in their order
    ///   - scope: asked now and then, so that a long answer ends when nobody waits for it
    func output(
        _ readings: ArraySlice<Reading>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output
}

extension TaskSteps {
    package static func obstacle(in files: CheckpointFiles) throws -> String? { nil }
    package static func isMeant(for files: CheckpointFiles) -> Bool { true }
    package static var takesPrompts: Bool { false }

    /// Nothing.
    package static func planLayers(
        of files: CheckpointFiles, _ limits: ModelLimits, for target: LoadTarget
    ) throws {}

    /// Nothing.
    package var warnings: [String] { [] }

    package func generation(of index: Int, _ question: Question, _ plan: Plan) -> SequenceGeneration? { nil }
}

/// The sequences and the question that a task makes of an input.
package struct PreparedInput<Question: Sendable>: Sendable {
    /// The sequences to run, at least one.
    package let sequences: [ModelInput]
    /// The question that is asked of them.
    package let question: Question
    /// Bytes that the answer takes at most: what is kept of the rows, and its JSON text.
    package let answerBytes: Int

    package init(_ sequences: [ModelInput], _ question: Question, answerBytes: Int) {
        precondition(!sequences.isEmpty)
        self.sequences = sequences
        self.question = question
        self.answerBytes = answerBytes
    }
}

/// The resources that a task is made of.
package struct TaskResources: Sendable {
    /// The directory that the user named; holds modules.json, if any.
    package let directory: String
    /// The transformer's checkpoint, often the same directory.
    package let checkpoint: Checkpoint
    /// Its tokenizer.
    package let tokenizer: Tokenizer
    /// Prompts above those of the checkpoint.
    package let prompts: SentencePrompts
    /// The limits of what the model takes.
    package let limits: ModelLimits
    /// The target that further layers are loaded for.
    package let target: LoadTarget
}
