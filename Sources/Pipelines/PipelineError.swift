/// Why a pipeline cannot be made or cannot answer.
public struct PipelineError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// No such task, or the checkpoint cannot do it.
        case unsupportedTask = "unsupported_task"
        /// The inputs are not what the task takes.
        case invalidInputs = "invalid_inputs"
        /// A parameter is unknown or has a value that the task cannot take.
        case invalidParameter = "invalid_parameter"
        /// A text has more tokens than the model takes.
        case inputTooLong = "input_too_long"
        /// The answer would be larger than a server can keep in memory.
        case answerTooLarge = "answer_too_large"
        /// The model computed something that is no finite number.
        case nonFiniteOutput = "non_finite_output"
        /// Nobody waits for the answer any more, so that the work was not finished.
        case abandoned
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what would be right.
    public let message: String

    /// The message.
    public var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The error, with the name of the input that it is about, if it is about one.
    func about(_ name: @autoclosure () -> String) -> PipelineError {
        switch code {
        case .invalidInputs, .inputTooLong: PipelineError(code, "\(name()): \(message)")
        default: self
        }
    }
}
