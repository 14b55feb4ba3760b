/// An error that says why a tokenizer could not be loaded, or a text not be encoded.
public struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure, for a caller that acts on it.
    public enum Code: Sendable, Equatable {
        /// A file is missing or cannot be read.
        case unreadable
        /// A file's contents are not what its format demands.
        case malformed
        /// The file is well-formed but asks for something that this version does not have.
        case unsupported
        /// The demanded length cannot be met.
        case truncation
        /// The text cannot be encoded: it is too long, or holds a word that the vocabulary has no token for.
        case unencodable
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that says what is wrong, where (file and place in it), and what would remedy it.
    public let message: String

    /// An error of this kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
