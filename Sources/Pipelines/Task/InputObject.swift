import PenstockJSON

/// An input that is an object with parts of known names.
struct InputObject {
    private let object: JSONObject
    private let name: InputName

    /// - Parameter keys: what the parts are called
    /// - Throws: ``PipelineError`` for what is no object, and for one with other keys.
    init(_ value: JSONValue, named name: InputName, keys: [String]) throws(PipelineError) {
        let known = keys.joined(separator: ", ")
        guard let object = value.object else {
            throw PipelineError(
                .invalidInputs, "\(name) has to be \(name.expected("an object with \(known)")), not \(value.excerpt)")
        }
        try self.init(object, named: name, keys: keys)
    }

    /// - Throws: ``PipelineError`` for an object with other keys.
    init(_ object: JSONObject, named name: InputName, keys: [String]) throws(PipelineError) {
        if let entry = object.entries.first(where: { !keys.contains($0.key) }) {
            throw PipelineError(
                .invalidInputs,
                "\(name) has the unknown key \(entry.key.excerpt); known are: \(keys.joined(separator: ", "))")
        }
        (self.object, self.name) = (object, name)
    }

    /// The text of a part.
    func text(_ key: String) throws(PipelineError) -> String {
        try part(key, "a text").text(named: "\(name).\(key)")
    }

    /// The text of a part that may be missing or null.
    func optionalText(_ key: String) throws(PipelineError) -> String? {
        guard let part = object[key], !part.isNull else { return nil }
        return try part.text(named: "\(name).\(key)")
    }

    /// The texts of a part that is a list of them, at least one.
    func texts(_ key: String) throws(PipelineError) -> [String] {
        let part = try part(key, "a list of texts")
        guard let elements = part.array else {
            throw PipelineError(.invalidInputs, "\(name).\(key) has to be a list of texts, not \(part.excerpt)")
        }
        guard !elements.isEmpty else { throw PipelineError(.invalidInputs, "\(name).\(key) is an empty list") }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            texts.append(try element.text(named: "\(name).\(key)[\(index)]"))
        }
        return texts
    }

    private func part(_ key: String, _ kind: String) throws(PipelineError) -> JSONValue {
        guard let part = object[key] else {
            throw PipelineError(.invalidInputs, "\(name) has no \(key), which has to be \(kind)")
        }
        return part
    }
}
