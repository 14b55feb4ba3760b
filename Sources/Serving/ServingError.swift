/// Why a request got no answer although nothing is wrong with it.
public struct ServingError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The model takes no more requests.
        case stopped
    }

    /// The kind of failure.
    public let code: Code
    /// What a client can do about it.
    public let message: String

    /// The message.
    public var description: String { message }
}
