import PenstockJSON

extension CheckpointError: JSONFieldError {
    /// The error of a field that is missing, or has not the value that is expected of it.
    package init(_ field: JSONField<CheckpointError>, expected: JSONExpectation) {
        guard let value = field.value else {
            self.init(.invalidConfiguration, file: field.file, "has no \(field.place)")
            return
        }
        self.init(field, is: value, butHasToBe: expected.words)
    }

    /// The error of a value that the field cannot have.
    init(_ field: JSONField<CheckpointError>, is value: JSONValue, butHasToBe expected: String) {
        self.init(
            .invalidConfiguration, file: field.file, "\(field.place) is \(value.excerpt), but has to be \(expected)")
    }
}

extension JSONExpectation {
    /// What a value has to be.
    fileprivate var words: String {
        switch self {
        case .string: "a string"
        case .boolean: "true or false"
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .number(let least): "a number of at least \(least)"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue {
    /// The value as an error message shows it.
    var excerpt: String {
        var writer = JSONWriter()
        writer.value(writable)
        let (text, longest) = (writer.finish(), 80)
        return String(decoding: text.prefix(longest), as: UTF8.self) + (text.count > longest ? "…" : "")
    }

    /// The value, with the names of the numbers that JSON has no notation for.
    private var writable: JSONValue {
        switch self {
        case .double(let number) where !number.isFinite: .string("\(number)")
        case .array(let elements): .array(elements.map(\.writable))
        case .object(let object): .object(JSONObject(object.entries.map { ($0.key, $0.value.writable) }))
        default: self
        }
    }
}
