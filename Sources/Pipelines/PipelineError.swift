/// An error that says why a pipeline cannot be made or cannot answer.
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
    /// A sentence that says what is wrong and what would be right.
    public var message: String { subject.map { "\($0): \(fault)" } ?? fault }

    /// The path of the input that is at fault; nil if none is named.
    private var subject: String?
    private let fault: String

    /// The message.
    public var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        fault = message
    }

    /// Returns the error with the name of the input that is at fault, if one is. Of an error that names a part of it, the
    /// name goes before that of the part.
    func about(_ name: @autoclosure () -> String) -> PipelineError {
        guard code == .invalidInputs || code == .inputTooLong else { return self }
        var error = self
        error.subject = subject.map { "\(name()).\($0)" } ?? name()
        return error
    }
}
