import PenstockJSON

/// A value of a YAML file as it is written there: which kind a plain scalar is, depends on who reads it.
package indirect enum YAMLNode: Sendable, Equatable {
    /// A text; `isPlain` if it has no quotes, so that it may stand for a number, a truth value or null.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// Keys and values in the order of the file; no key is there twice.
    case mapping([Entry])

    package struct Entry: Sendable, Equatable {
        package let key: String
        package let value: YAMLNode
        /// The line of the key, from 1.
        package let line: Int
    }

    /// True if it is null, by the core schema of YAML 1.2.
    package var isNull: Bool {
        if case .scalar(let text, isPlain: true) = self {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    /// The value in JSON, plain scalars by the core schema of YAML 1.2; numbers that JSON has not are texts.
    package var json: JSONValue {
        switch self {
        case .scalar(let text, isPlain: false): .string(text)
        case .scalar(let text, isPlain: true): isNull ? .null : Self.resolved(text)
        case .sequence(let nodes): .array(nodes.map(\.json))
        case .mapping(let entries): .object(JSONObject(entries.map { ($0.key, $0.value.json) }))
        }
    }

    private static func resolved(_ text: String) -> JSONValue {
        if ["true", "True", "TRUE"].contains(text) { return .bool(true) }
        if ["false", "False", "FALSE"].contains(text) { return .bool(false) }
        if text.hasPrefix("0x"), let number = Int(text.dropFirst(2), radix: 16) { return .integer(number) }
        if text.hasPrefix("0o"), let number = Int(text.dropFirst(2), radix: 8) { return .integer(number) }
        if let number = Int(text) { return .integer(number) }
        let isNumber = text.utf8.allSatisfy { "+-.0123456789eE".utf8.contains($0) }
        if isNumber, let number = Double(text), number.isFinite { return .double(number) }
        return .string(text)
    }
}

/// An error that says what is wrong with a YAML file, and where.
package struct YAMLError: Error, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    package let message: String

    package var description: String { "line \(line): \(message)" }
}
