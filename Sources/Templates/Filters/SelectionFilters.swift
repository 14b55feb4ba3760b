extension Filter {
    private static func selection(byAttribute: Bool, keeps isKept: Bool) -> Filter {
        Filter(any: { renderer, value, arguments throws(TemplateError) in
            try renderer.selected(value, arguments, byAttribute: byAttribute, isKept: isKept)
        })
    }

    private static let `default` = Filter(["default_value", "boolean"]) { _, value, given throws(TemplateError) in
        let isMissing = value.isUndefined || ((given[1]?.isTrue ?? false) && !value.isTrue)
        return isMissing ? given[0] ?? .text(TracedText()) : value
    }

    static let selectionFilters: [String: Filter] = [
        "default": `default`, "d": `default`,
        "select": selection(byAttribute: false, keeps: true), "reject": selection(byAttribute: false, keeps: false),
        "selectattr": selection(byAttribute: true, keeps: true),
        "rejectattr": selection(byAttribute: true, keeps: false),
        "map": Filter(any: { renderer, value, arguments throws(TemplateError) in try renderer.mapped(value, arguments) }
        ),
        "attr": Filter(["name"], required: 1) { renderer, value, given throws(TemplateError) in
            let name: TracedText = try (given[0] ?? .null).argument("name")
            // Items do not count.
            if case .dictionary = value {
                let attribute = Attribute(name)
                guard attribute.dictionaryMethod != nil else {
                    return .undefined(.attribute(of: value.ownerName, name))
                }
            }
            return try renderer.attribute(Attribute(name), of: value)
        },
    ]
}

extension Renderer {
    fileprivate func selected(
        _ value: Value, _ arguments: Arguments, byAttribute: Bool, isKept: Bool
    ) throws(TemplateError) -> Value {
        guard value.isTrue else { return try iterator([]) }
        var rest = arguments.positional[...]
        var path: [Value] = []
        if byAttribute {
            guard let attribute = rest.popFirst() else {
                throw TemplateError(.evaluation, "Missing parameter for attribute name")
            }
            path = self.path(attribute)
        }
        var test: TestName?
        if let name = rest.popFirst() {
            test = TestName(try printed(name).string)
        }
        let given = Arguments(positional: Array(rest), named: arguments.named)
        var result: [Value] = []
        for element in try elements(of: value) {
            try charge(16)
            let subject = try self.value(at: path, of: element)
            let holds = try test.map { test throws(TemplateError) in try self.test(test, subject, given) }
            if holds ?? subject.isTrue == isKept { result.append(element) }
        }
        return try iterator(result)
    }

    fileprivate func mapped(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        guard value.isTrue else { return try iterator([]) }
        var result: [Value] = []
        guard let name = arguments.positional.first else {
            guard let attribute = arguments.named.first(where: { $0.name == "attribute" }) else {
                throw TemplateError(.evaluation, "map requires a filter argument")
            }
            if let extra = arguments.named.first(where: { $0.name != "attribute" && $0.name != "default" }) {
                throw TemplateError(.evaluation, "Unexpected keyword argument '\(extra.name)'")
            }
            let path = self.path(attribute.value)
            let missing = arguments.named.first { $0.name == "default" }?.value
            for element in try elements(of: value) {
                try charge(16)
                result.append(
                    try self.value(at: path, of: element, default: missing.flatMap { $0.isNone ? nil : $0 }))
            }
            return try iterator(result)
        }
        let filter = FilterName(try printed(name).string)
        let given = Arguments(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
        for element in try elements(of: value) {
            result.append(try deeper { () throws(TemplateError) in try self.filter(filter, element, given) })
        }
        return try iterator(result)
    }
}
