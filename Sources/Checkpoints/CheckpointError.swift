import PenstockFiles

/// Why a checkpoint cannot be read.
public struct CheckpointError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// A file is missing or cannot be opened.
        case unreadableFile = "unreadable_file"
        /// A file's contents break its format.
        case malformedFile = "malformed_file"
        /// config.json holds a value that makes no model.
        case invalidConfiguration = "invalid_configuration"
        /// A tensor that the model needs is not there.
        case missingTensor = "missing_tensor"
        /// A tensor has another shape or element type than the model needs.
        case unfitTensor = "unfit_tensor"
        /// The memory that the model needs is not there.
        case outOfMemory = "out_of_memory"
        /// It was given up before it was read to its end.
        case abandoned
    }

    /// The kind of failure.
    public let code: Code
    /// The file that is at fault, as a path.
    public let file: String
    /// What is wrong with it, and the tensor or key by name.
    public let message: String

    /// File and message on one line.
    public var description: String { "\(file): \(message)" }

    package init(_ code: Code, file: String, _ message: String) {
        self.code = code
        self.file = file
        self.message = message
    }

    init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .unreadable: .unreadableFile
            case .malformed: .malformedFile
            case .outOfMemory: .outOfMemory
            }
        self.init(code, file: error.path, error.message)
    }
}
