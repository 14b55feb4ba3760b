import PenstockJSON

/// A description of an option for users.
package struct OptionDescription: Sendable {
    package let name: String
    package let kind: Kind
    /// A sentence that says what it does.
    package let summary: String
    /// The value that it has if nobody says anything; nil if that is no value.
    package let fallback: JSONValue?

    /// A kind of values that an option takes.
    package enum Kind: Sendable {
        case flag
        /// An integer, perhaps with a least and a greatest.
        case integer(atLeast: Int?, atMost: Int? = nil)
        case number(NumberRange)
        case text
        /// A text or a list of texts.
        case texts
        /// A list of texts.
        case textList
        /// One of several values.
        case choice([JSONValue])
        case object([OptionDescription])
        /// A value of another form: in the words of JSON, and as messages say what it has to be.
        case form(name: String, expected: String)
    }

    init(_ name: String, _ kind: Kind, fallback: JSONValue?, _ summary: String) {
        (self.name, self.kind, self.fallback, self.summary) = (name, kind, fallback, summary)
    }

    /// The error of a value that the option cannot have.
    func mismatch(_ value: JSONValue, path: String) -> PipelineError {
        PipelineError(.invalidParameter, "parameter \(path)\(name) has to be \(kind.expected), not \(value.excerpt)")
    }
}

extension OptionDescription.Kind {
    /// The kind in the words of JSON.
    package var name: String {
        switch self {
        case .flag: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .text: "string"
        case .texts: "string or array of strings"
        case .textList: "array of strings"
        case .choice: "choice"
        case .object: "object"
        case .form(let name, _): name
        }
    }

    /// The values as messages and help name them.
    package var expected: String {
        switch self {
        case .flag: "true or false"
        case .integer(let least?, let most?): "an integer from \(least) to \(most)"
        case .integer(let least?, nil): "an integer of at least \(least)"
        case .integer(nil, let most?): "an integer of at most \(most)"
        case .integer(nil, nil): "an integer"
        case .number(let range): range.expected
        case .text: "a string"
        case .texts: "a string or a list of strings"
        case .textList: "a list of strings"
        case .choice(let values):
            [values.dropLast().map(\.excerpt).joined(separator: ", "), values.last?.excerpt ?? "none"]
                .filter { !$0.isEmpty }.joined(separator: " or ")
        case .object: "an object"
        case .form(_, let expected): expected
        }
    }
}
