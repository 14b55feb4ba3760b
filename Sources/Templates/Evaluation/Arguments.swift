/// The values that a call, a filter or a test is given.
struct Arguments {
    var positional: [Value] = []
    var named: [(name: String, value: Value)] = []

    /// The values by parameter, nil for those that are not given.
    ///
    /// - Throws: ``TemplateError`` if there are more, unknown or too few of them.
    func bound(
        _ callee: String, _ parameters: [String], required: Int = 0
    ) throws(TemplateError) -> [Value?] {
        guard positional.count <= parameters.count else {
            throw TemplateError(
                .evaluation, "\(callee) takes at most \(parameters.count) arguments, not \(positional.count)")
        }
        var values: [Value?] = positional
        values += repeatElement(nil, count: parameters.count - positional.count)
        for (name, value) in named {
            guard let place = parameters.firstIndex(of: name) else {
                throw TemplateError(.evaluation, "\(callee) has no argument '\(name)'")
            }
            guard values[place] == nil else {
                throw TemplateError(.evaluation, "\(callee) got several values for the argument '\(name)'")
            }
            values[place] = value
        }
        if let missing = values.prefix(required).firstIndex(where: { $0 == nil }) {
            throw TemplateError(.evaluation, "\(callee) misses the argument '\(parameters[missing])'")
        }
        return values
    }
}

extension Value {
    /// The integer of an argument.
    func argument(_ name: String) throws(TemplateError) -> Int {
        if case .undefined(let undefined) = self { throw TemplateError(.undefined, undefined.message) }
        guard let integer else {
            throw TemplateError(.evaluation, "\(name) must be an integer, not '\(typeName)'")
        }
        return integer
    }

    /// The text of an argument.
    func argument(_ name: String) throws(TemplateError) -> TracedText {
        if case .undefined(let undefined) = self { throw TemplateError(.undefined, undefined.message) }
        guard let text else { throw TemplateError(.evaluation, "\(name) must be a text, not '\(typeName)'") }
        return text
    }
}
