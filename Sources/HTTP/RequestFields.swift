import PenstockJSON
import PenstockPipelines

/// The fields of a JSON object that a client sent, each of the kind that an API demands.
///
/// `null` counts as absent, and fields that nobody asks for are not looked at: clients send those of other servers along.
struct RequestFields: Sendable {
    let object: JSONObject
    /// The path that stands before a field's name in messages.
    let path: String

    init(_ object: JSONObject, path: String = "") { (self.object, self.path) = (object, path) }

    /// The value of a field; nil if there is none.
    subscript(name: String) -> JSONValue? { object[name].flatMap { $0.isNull ? nil : $0 } }

    /// True if there are no fields.
    var isEmpty: Bool { object.entries.isEmpty }

    /// The error of a field that has not the value that is expected of it.
    func invalid(_ name: String, _ expected: String) -> ClientError {
        let found = self[name].map { ", not \($0.excerpt)" } ?? ""
        return ClientError(.invalidRequest, "\(path)\(name) has to be \(expected)\(found)", parameter: path + name)
    }

    /// The value that a conversion makes of a field; nil without one.
    func value<Value>(
        _ name: String, _ expected: String, _ convert: (JSONValue) -> Value?
    ) throws(ClientError) -> Value? {
        guard let value = self[name] else { return nil }
        guard let converted = convert(value) else { throw invalid(name, expected) }
        return converted
    }

    /// Refuses fields that nobody knows, where what they ask for must not be overlooked.
    func refuseOthers(than known: [String]) throws(ClientError) {
        guard let other = object.entries.first(where: { !known.contains($0.key) })?.key else { return }
        throw ClientError(
            .invalidRequest,
            "\(path)\(other.cut(after: 40)) is not known; known are \(known.joined(separator: ", "))"
                + NearNames.question(other, among: known), parameter: path + other.cut(after: 40))
    }

    func string(_ name: String) throws(ClientError) -> String? { try value(name, "a string", \.string) }

    func flag(_ name: String, default fallback: Bool = false) throws(ClientError) -> Bool {
        try value(name, "true or false", \.bool) ?? fallback
    }

    func integer(_ name: String, atLeast least: Int) throws(ClientError) -> Int? {
        try value(name, "an integer of at least \(least)") { $0.integer.flatMap { $0 >= least ? $0 : nil } }
    }

    /// One of several words.
    ///
    /// - Parameter choices: what each means; case does not matter
    func choice<Value>(_ name: String, _ choices: KeyValuePairs<String, Value>) throws(ClientError) -> Value? {
        let words = choices.map { "\"\($0.key)\"" }
        let expected = words.dropLast().joined(separator: ", ") + (words.count > 1 ? " or " : "") + (words.last ?? "")
        return try value(name, expected) { value in
            let word = value.string?.lowercased()
            return choices.first { $0.key == word }?.value
        }
    }

    /// A list of texts.
    func texts(_ name: String) throws(ClientError) -> [String]? {
        guard let elements = try value(name, "a list of strings", \.array) else { return nil }
        var texts: [String] = []
        texts.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let text = element.string else {
                throw ClientError(
                    .invalidRequest, "\(path)\(name)[\(index)] has to be a string, not \(element.kind)",
                    parameter: path + name)
            }
            texts.append(text)
        }
        return texts
    }

    /// The fields of a field that is an object; none without it.
    func section(_ name: String) throws(ClientError) -> RequestFields {
        RequestFields(try value(name, "an object", \.object) ?? JSONObject(), path: "\(path)\(name).")
    }

    /// Returns a value that has to be given.
    func require<Value>(_ value: Value?, _ name: String, _ expected: String) throws(ClientError) -> Value {
        guard let value else {
            throw ClientError(
                .invalidRequest, "\(path)\(name) is missing; it has to be \(expected)", parameter: path + name)
        }
        return value
    }
}
