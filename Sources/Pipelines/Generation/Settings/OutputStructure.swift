import PenstockJSON

/// The form that a generated text has to have.
public enum OutputStructure: Sendable, Equatable {
    /// Any JSON object.
    case jsonObject
    /// A JSON value that a JSON schema (draft 2020-12) allows.
    case schema(JSONValue)
    /// A text that a regular expression matches as a whole.
    case regex(String)
    /// One of several texts.
    case choice([String])
}
