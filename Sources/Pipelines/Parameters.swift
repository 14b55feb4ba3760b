import PenstockJSON

/// The options of a request, read by name. What nobody asked for in the end is unknown.
package struct Parameters {
    private let object: JSONObject
    private let path: String
    private var known: [String] = []

    init(_ object: JSONObject, path: String = "") {
        self.object = object
        self.path = path
    }

    /// The value of an option; null counts as absent.
    mutating func value(_ name: String) -> JSONValue? {
        known.append(name)
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// An integer of at least `least`.
    mutating func integer(_ name: String, atLeast least: Int) throws(PipelineError) -> Int? {
        guard let value = value(name) else { return nil }
        guard let integer = value.integer, integer >= least else {
            throw invalid(name, "an integer of at least \(least)", value)
        }
        return integer
    }

    /// A truth value.
    mutating func flag(_ name: String) throws(PipelineError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.bool else { throw invalid(name, "true or false", value) }
        return flag
    }

    /// A string.
    mutating func string(_ name: String) throws(PipelineError) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string else { throw invalid(name, "a string", value) }
        return string
    }

    /// A string or a list of strings, as a list.
    mutating func strings(_ name: String) throws(PipelineError) -> [String]? {
        guard let value = value(name) else { return nil }
        if let string = value.string { return [string] }
        guard let elements = value.array else { throw invalid(name, "a string or a list of strings", value) }
        if let index = elements.firstIndex(where: { $0.string == nil }) {
            throw invalid("\(name)[\(index)]", "a string", elements[index])
        }
        return elements.compactMap(\.string)
    }

    /// Options below an option: what `body` does not ask for is unknown. Does nothing if there are none.
    mutating func nested(
        _ name: String, _ body: (inout Parameters) throws(PipelineError) -> Void
    ) throws(PipelineError) {
        guard let value = value(name) else { return }
        guard let object = value.object else { throw invalid(name, "an object", value) }
        var parameters = Parameters(object, path: "\(path)\(name).")
        try body(&parameters)
        try parameters.refuseUnknown()
    }

    /// - Throws: an error that names the first option that nobody asked for, and those that there are.
    func refuseUnknown() throws(PipelineError) {
        guard let entry = object.entries.first(where: { !known.contains($0.key) }) else { return }
        let names = Set(known).sorted().joined(separator: ", ")
        throw PipelineError(
            .invalidParameter,
            "unknown parameter \(path)\(entry.key.excerpt); \(names.isEmpty ? "there are none" : "known are: \(names)")"
        )
    }

    /// The error of an option with a value that it cannot have.
    func invalid(_ name: String, _ expected: String, _ value: JSONValue) -> PipelineError {
        PipelineError(.invalidParameter, "parameter \(path)\(name) has to be \(expected), not \(value.excerpt)")
    }
}
