/// Why a regular expression cannot be used.
struct RegexError: Error, Equatable {
    /// What is wrong, and at which character of the expression.
    let message: String
    /// Whether it is well-formed but asks for what is not supported.
    let isUnsupported: Bool
}
