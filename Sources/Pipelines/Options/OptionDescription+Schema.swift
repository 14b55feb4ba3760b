import PenstockJSON

extension OptionDescription {
    /// The values of the option, of which null stands for its default.
    package var schema: JSONSchema {
        var text = summary
        if case .form(_, let expected) = kind { text += " It is \(expected)." }
        return kind.schema.orNull.described(as: text).with(default: fallback)
    }

    /// Objects of options.
    package static func schema(of options: [OptionDescription]) -> JSONSchema {
        .object(options.map { ($0.name, $0.schema, false) }, others: nil)
    }
}

extension OptionDescription.Kind {
    /// The values of the kind.
    var schema: JSONSchema {
        switch self {
        case .flag: .boolean
        case .integer(let least, let most): .integer(atLeast: least, atMost: most)
        case .number(let range):
            JSONSchema.number.bounded(
                least: range.least.map(JSONValue.double), most: range.most.map(JSONValue.double),
                isLeastIncluded: range.isLeastIncluded)
        case .text: .string
        case .texts: .any(of: .string, .strings)
        case .textList: .strings
        case .choice(let values): .among(values)
        case .object(let options): OptionDescription.schema(of: options)
        case .form(let name, _): Self.forms[name] ?? .anything
        }
    }

    /// The schemas of forms, by their names.
    private static let forms: [String: JSONSchema] = [
        "integer": .integer,
        "string or array of strings": .any(of: .string, .strings),
        "array of integers": .array(of: .integer),
        "integer or array of integers": .any(of: .integer, .array(of: .integer)),
        "array of arrays of integers": .array(of: .array(of: .integer)),
        "array of [array of integers, number]": .array(of: .tuple(.array(of: .integer), .number)),
        "array of [integer, number]": .tuple(.integer, .number),
        "array of objects": .array(of: .object()),
        "object": .object(),
        "object with type and value": .object(
            ["type": .among("json", "json_schema", "json_object", "regex", "choice")], optional: ["value": .anything]),
        "object of numbers": .object(others: .number),
        "array of two numbers or of two arrays of numbers":
            .any(of: .tuple(.number, .number), .tuple(.numbers, .numbers)),
        "array of arrays of [start, end]": .array(of: .array(of: .tuple(.integer, .integer))),
    ]

    /// Tells whether its schema says what its values are.
    package var hasSchema: Bool {
        switch self {
        case .form(let name, _): Self.forms[name] != nil
        case .object(let options): options.allSatisfy(\.kind.hasSchema)
        case .flag, .integer, .number, .text, .texts, .textList, .choice: true
        }
    }
}
