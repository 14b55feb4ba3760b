extension Renderer {
    /// `owner.name`: an attribute, or else the item of that name.
    func attribute(_ attribute: Attribute, of owner: Value) throws(TemplateError) -> Value {
        if let value = try ownAttribute(attribute, of: owner) { return value }
        if case .dictionary(let dictionary) = owner, let value = dictionary.value(attribute.key) { return value }
        return missing(attribute.key, of: owner)
    }

    private func missing(_ name: TracedText, of owner: Value) -> Value {
        .undefined(name.scalars.first == "_" ? .unsafe(name) : .attribute(of: owner.ownerName, name))
    }

    /// `owner[key]`: an item, or else the attribute of that name.
    func item(_ key: Value, of owner: Value) throws(TemplateError) -> Value {
        switch owner {
        case .undefined(let undefined): throw TemplateError(.undefined, undefined.message)
        case .dictionary(let dictionary):
            try charge(key.size)
            // A value that cannot be a key names no item.
            if let value = (try? dictionary.value(key)) ?? nil { return value }
        case .list(let list), .tuple(let list), .group(let list):
            if let index = key.integer.flatMap({ Self.index($0, list.count) }) { return list.elements[index] }
        case .text(let text):
            if let index = key.integer.flatMap({ Self.index($0, text.count) }) {
                return .text(text.character(at: index))
            }
        case .range(let range):
            if let index = key.integer.flatMap({ Self.index($0, range.count ?? 0) }) { return .integer(range[index]) }
        default: break
        }
        guard case .text(let name) = key else { return .undefined(.element(of: owner.ownerName)) }
        try charge(name.count)
        return try ownAttribute(Attribute(name), of: owner) ?? missing(name, of: owner)
    }

    /// The place of an index that may count from the end, or nil if there is none.
    private static func index(_ index: Int, _ count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return place >= 0 && place < count ? place : nil
    }

    /// An attribute that the value's type has.
    private func ownAttribute(_ attribute: Attribute, of owner: Value) throws(TemplateError) -> Value? {
        switch owner {
        case .undefined(let undefined): throw TemplateError(.undefined, undefined.message)
        case .text: return bound(owner, attribute.textMethod.map(Method.text))
        case .dictionary:
            if attribute.changesDictionary { return .undefined(.unsafe(attribute.key)) }
            return bound(owner, attribute.dictionaryMethod.map(Method.dictionary))
        case .list:
            if attribute.changesList { return .undefined(.unsafe(attribute.key)) }
            return bound(owner, attribute.sequenceMethod.map(Method.sequence))
        case .group(let list):
            switch attribute.key.string {
            case "grouper": return list.elements.first
            case "list": return list.elements.last
            default:
                guard attribute.sequenceMethod != .copy else { return nil }
                return bound(owner, attribute.sequenceMethod.map(Method.sequence))
            }
        case .tuple:
            guard attribute.sequenceMethod != .copy else { return nil }
            return bound(owner, attribute.sequenceMethod.map(Method.sequence))
        case .range(let range):
            switch attribute.key.string {
            case "start": return .integer(range.start)
            case "stop": return .integer(range.stop)
            case "step": return .integer(range.step)
            default: return nil
            }
        case .loop(let number):
            guard let name = attribute.loopAttribute else { return nil }
            return try self.attribute(name, ofLoop: number)
        case .namespace(let number): return namespaces[number][attribute.key]
        case .macro(let number):
            let macro = macros[number].definition
            switch attribute.key.string {
            case "name": return .text(template.names[macro.name])
            case "arguments":
                let names = macro.parameters.map { Value.text(template.names[$0.name]) }
                return .tuple(ValueList(names))
            case "catch_kwargs": return .bool(macro.usesKwargs)
            case "catch_varargs": return .bool(macro.usesVarargs)
            case "caller": return .bool(macro.usesCaller)
            default: return nil
            }
        case .counter(let number) where !counters[number].isJoiner:
            let counter = counters[number]
            if attribute.key.string == "current" { return counter.elements[counter.count % counter.elements.count] }
            return bound(owner, CyclerMethod(rawValue: attribute.key.string).map(Method.cycler))
        default: return nil
        }
    }

    private func bound(_ owner: Value, _ method: Method?) -> Value? {
        method.map { .method(BoundMethod(owner, $0)) }
    }

    /// The value at the end of a path of keys with dots between them, as `map(attribute=…)` takes it.
    func value(at path: [Value], of owner: Value, default: Value? = nil) throws(TemplateError) -> Value {
        var value = owner
        for key in path {
            value = try item(key, of: value)
            if value.isUndefined, let `default` { value = `default` }
        }
        return value
    }

    /// The keys of a path: parts that are digits are indices.
    func path(_ attribute: Value?) -> [Value] {
        guard let attribute, !attribute.isNone else { return [] }
        guard case .text(let text) = attribute else { return [attribute] }
        return text.split(separator: TracedText(".")).map { part in
            guard !part.isEmpty, part.scalars.allSatisfy(\.isASCIIDigit), let index = Int(part.string) else {
                return .text(part)
            }
            return .integer(index)
        }
    }

    // MARK: Slices

    /// The bounds of a slice; nil stands for an end.
    struct SliceBounds {
        let start: Int?
        let stop: Int?
        let step: Int

        /// The indices within so many elements.
        func indices(_ count: Int) -> ValueRange {
            let (lowest, highest) = step > 0 ? (0, count) : (-1, count - 1)
            func place(_ bound: Int?, _ missing: Int) -> Int {
                guard let bound else { return missing }
                return min(max(bound < 0 ? max(bound, -count - 1) + count : bound, lowest), highest)
            }
            let (first, last) = step > 0 ? (lowest, highest) : (highest, lowest)
            let step = min(max(step, -count - 1), count + 1)
            return ValueRange(start: place(start, first), stop: place(stop, last), step: step)
        }
    }

    func bound(_ expression: Expression?, _ scope: Scope) throws(TemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression, scope)
        if value.isNone { return nil }
        guard let integer = value.integer else {
            throw TemplateError(.evaluation, "slice indices must be integers or none, not '\(value.typeName)'")
        }
        return integer
    }

    func slice(_ owner: Value, _ bounds: SliceBounds) throws(TemplateError) -> Value {
        switch owner {
        case .text, .list, .tuple, .group, .range:
            guard bounds.step != 0 else { throw TemplateError(.evaluation, "slice step cannot be zero") }
        default: break
        }
        switch owner {
        case .undefined(let undefined): throw TemplateError(.undefined, undefined.message)
        case .text(let text): return .text(try slice(text, bounds))
        case .list(let list): return .list(try slice(list, bounds))
        case .tuple(let list), .group(let list): return .tuple(try slice(list, bounds))
        case .range(let range):
            let indices = bounds.indices(range.count ?? 0)
            guard let first = indices.first, let count = indices.count else {
                return .range(ValueRange(start: 0, stop: 0, step: 1))
            }
            let step = count > 1 ? range.step &* indices.step : 1
            return .range(ValueRange(start: range[first], stop: range[first] &+ count &* step, step: step))
        default: throw TemplateError(.evaluation, "'\(owner.typeName)' object cannot be sliced")
        }
    }

    private func slice(_ text: TracedText, _ bounds: SliceBounds) throws(TemplateError) -> TracedText {
        let indices = bounds.indices(text.count)
        try expect(size: indices.count ?? 0)
        if bounds.step == 1 {
            let start = indices.first ?? 0
            return text[start..<start + (indices.count ?? 0)]
        }
        var result = TracedText()
        result.isMarkup = text.isMarkup
        for index in indices.elements { result.append(text.scalars[index], isTrusted: text.isTrusted(at: index)) }
        return result
    }

    private func slice(_ list: ValueList, _ bounds: SliceBounds) throws(TemplateError) -> ValueList {
        let indices = bounds.indices(list.count)
        try charge(indices.count ?? 0)
        let part = ValueList(indices.elements.map { list.elements[$0] })
        try charge(part.size)
        return part
    }
}
