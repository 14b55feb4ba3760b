/// An error that says why there is no grammar for what was asked for.
package struct GrammarError: Error, Equatable, CustomStringConvertible {
    /// The JSON pointer of the keyword that is at fault, `#/properties/a/not`; nil if it is not in a schema.
    package let place: String?
    /// A sentence that says what is wrong and, if something would be right, what.
    package let message: String

    package init(_ message: String, at place: String? = nil) { (self.message, self.place) = (message, place) }

    /// The message behind its place.
    package var description: String { place.map { "\($0): \(message)" } ?? message }

    /// The error of a grammar that no text fits.
    static let unsatisfiable = GrammarError("no text fits it")
}
