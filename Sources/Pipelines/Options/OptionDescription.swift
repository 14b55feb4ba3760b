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
        /// An integer, perhaps with a least.
        case integer(atLeast: Int?)
        case text
        /// A text or a list of texts.
        case texts
        /// A list of texts.
        case textList
        /// One of several values.
        case choice([JSONValue])
        case object([OptionDescription])
        /// For each text a list of `[start, end]`.
        case offsets
        /// Two numbers, or two lists of as many numbers: the least and the greatest.
        case ranges
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
        case .text: "string"
        case .texts: "string or array of strings"
        case .textList: "array of strings"
        case .choice: "choice"
        case .object: "object"
        case .offsets: "array of arrays of [start, end]"
        case .ranges: "array of two numbers or of two arrays of numbers"
        }
    }

    /// The values as messages and help name them.
    package var expected: String {
        switch self {
        case .flag: "true or false"
        case .integer(let least?): "an integer of at least \(least)"
        case .integer(nil): "an integer"
        case .text: "a string"
        case .texts: "a string or a list of strings"
        case .textList: "a list of strings"
        case .choice(let values):
            values.dropLast().map(\.excerpt).joined(separator: ", ") + " or " + (values.last?.excerpt ?? "none")
        case .object: "an object"
        case .offsets: "a list of lists of [start, end]"
        case .ranges: "[least, greatest], two finite numbers or two lists with a number for each dimension"
        }
    }
}
