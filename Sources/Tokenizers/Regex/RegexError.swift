/// An error that says why a regular expression cannot be used.
struct RegexError: Error, Equatable {
    /// A sentence that says what is wrong, and at which character of the expression.
    let message: String
    /// True if it is well-formed but asks for what is not supported.
    let isUnsupported: Bool
}
