import PenstockJSON

extension GenerationOptions {
    /// `{"type": …, "value": …}`, as Text Generation Inference has it
    static let grammar: TaskOption<Self> = .form(
        "grammar", \.structure, type: "object with type and value",
        expected: "{\"type\": \"json\" or \"json_schema\", \"value\": a JSON schema}, "
            + "{\"type\": \"regex\", \"value\": a string}, {\"type\": \"choice\", \"value\": a list of strings}, or "
            + "{\"type\": \"json_object\"}",
        "The form that the text has to have."
    ) { OutputStructure($0) }
}

extension OutputStructure {
    /// Reads `{"type": …, "value": …}`, as it is or as its JSON text; nil for anything else.
    init?(_ json: JSONValue) {
        guard let object = Self.document(json)?.object, object.firstDuplicateKey == nil,
            object.entries.allSatisfy({ $0.key == "type" || $0.key == "value" })
        else { return nil }
        let value = object["value"] ?? .null
        switch object["type"]?.string {
        case "json_object":
            guard value.isNull else { return nil }
            self = .jsonObject
        case "json":
            guard let schema = Self.document(value) else { return nil }
            self = .schema(schema)
        case "json_schema":
            guard let document = Self.document(value) else { return nil }
            // The schema may stand beside its name.
            let isNamed = document["schema"] != nil && document["name"] != nil
            self = .schema(isNamed ? document["schema"] ?? document : document)
        case "regex":
            guard let pattern = value.string else { return nil }
            self = .regex(pattern)
        case "choice":
            guard let texts = value.array?.compactMap(\.string), texts.count == value.array?.count else { return nil }
            self = .choice(texts)
        default: return nil
        }
    }

    /// An object or a truth value, as it is or as its JSON text; nil for what is none.
    private static func document(_ value: JSONValue) -> JSONValue? {
        let document = value.string.map { try? JSONValue(parsing: $0.utf8) } ?? value
        return document?.object != nil || document?.bool != nil ? document : nil
    }
}
