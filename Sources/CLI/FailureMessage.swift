import NIOCore
import PenstockCheckpoints
import PenstockCompute
import PenstockHub
import PenstockPipelines
import PenstockServing
import PenstockTokenizers

/// The messages that users are told of errors.
enum FailureMessage {
    static func line(for error: any Error) -> String {
        switch error {
        case let error as CheckpointError: error.description
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
}
