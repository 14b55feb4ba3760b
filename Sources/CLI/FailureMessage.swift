import NIOCore
import PenstockCheckpoints
import PenstockCompute
import PenstockHTTP
import PenstockHub
import PenstockPipelines
import PenstockServing
import PenstockTokenizers

/// The messages that users are told of errors.
enum FailureMessage {
    static func line(for error: any Error) -> String {
        switch error {
        case let error as CheckpointError: (error.description + NearFiles.question(error.file)).shown
        case let error as HubError: error.description
        case let error as TokenizerError: error.description
        case let error as PipelineError: error.description
        case let error as ServingError: error.description
        case let error as WorkspaceError: error.description
        case let error as ResourceError: error.description
        case let error as IOError: SystemError(code: error.errnoCode).description
        case let error as SocketAddressError.UnknownHost: error.errorDescription
        default: "\(error)"
        }
    }

    /// The exit status: 2 where the arguments, the environment or the configuration are at fault.
    static func status(for error: any Error) -> Int32 {
        switch error {
        case let error as HubError: error.code == .invalidID || error.code == .invalidSettings ? 2 : 1
        case is KeysError: 2
        default: 1
        }
    }
}
