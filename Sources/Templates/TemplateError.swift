/// A template that cannot be read or rendered, and the place in its source.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of an error.
    public enum Code: Sendable {
        /// The source is no template.
        case syntax
        /// The template uses what this implementation does not have.
        case unsupported
        /// An operation is impossible with the values it was given.
        case evaluation
        /// A value was needed where there is none.
        case undefined
        /// The template itself refuses what it was given, by `raise_exception`.
        case raised
        /// Work, memory, nesting or output would exceed the limits.
        case limit
        /// Nobody waits for the prompt any more.
        case abandoned
        /// The messages do not fit what was asked for.
        case messages
    }

    /// The kind of the error.
    public let code: Code
    /// A sentence that says what is wrong.
    public let message: String
    /// The place in the template, if it is known.
    public internal(set) var position: TemplatePosition?

    init(_ code: Code, _ message: String, at position: TemplatePosition? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    /// The message behind its place.
    public var description: String {
        guard let position else { return message }
        return "line \(position.line), column \(position.column) of the template: \(message)"
    }
}

/// A place in the source of a template.
public struct TemplatePosition: Sendable, Equatable {
    /// The number of the line, from 1.
    public let line: Int
    /// The number of the code point in its line, from 1.
    public let column: Int
}
