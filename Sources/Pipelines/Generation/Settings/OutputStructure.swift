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

    /// Tells whether two forms are the same, texts by their code points.
    public static func == (first: OutputStructure, second: OutputStructure) -> Bool {
        switch (first, second) {
        case (.jsonObject, .jsonObject): true
        case (.schema(let one), .schema(let other)): one == other
        case (.regex(let one), .regex(let other)): one.utf8.elementsEqual(other.utf8)
        case (.choice(let one), .choice(let other)):
            one.elementsEqual(other) { $0.utf8.elementsEqual($1.utf8) }
        default: false
        }
    }
}
