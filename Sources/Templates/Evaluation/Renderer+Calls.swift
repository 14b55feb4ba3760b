extension Renderer {
    /// The longest range, as upstream's sandbox has it.
    static let longestRange = 100_000

    /// Calls a value.
    func call(_ callee: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch callee {
        case .function(let function): return try call(function, arguments)
        case .method(let bound): return try call(bound, arguments)
        case .macro(let number): return try call(macro: number, arguments)
        case .loop(let number): return try call(loop: number, arguments)
        case .counter(let number) where counters[number].isJoiner:
            counters[number].count += 1
            return counters[number].count == 1 ? .text(TracedText()) : counters[number].elements[0]
        case .undefined(let undefined): throw TemplateError(.undefined, undefined.message)
        default: throw TemplateError(.evaluation, "'\(callee.typeName)' object is not callable")
        }
    }

    private func call(_ bound: BoundMethod, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch (bound.method, bound.receiver) {
        case (.text(let method), .text(let text)): return try call(method, of: text, arguments)
        case (.dictionary(let method), .dictionary(let dictionary)):
            return try call(method, of: dictionary, arguments)
        case (.sequence(let method), let receiver): return try call(method, of: receiver, arguments)
        case (.loop(let attribute), .loop(let number)): return try call(loop: number, attribute, arguments)
        case (.cycler(let method), .counter(let number)):
            _ = try arguments.bound("cycler.\(method.rawValue)", [])
            let counter = counters[number]
            counters[number].count = method == .next ? counter.count + 1 : 0
            return method == .next ? counter.elements[counter.count % counter.elements.count] : .null
        default: throw TemplateError(.evaluation, "the method cannot be called")
        }
    }

    // MARK: Functions

    private func call(_ function: Function, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch function {
        case .raiseException:
            let message = try arguments.bound(function.rawValue, ["message"], required: 1)[0] ?? .null
            throw TemplateError(.raised, try printed(message).string)
        case .strftimeNow:
            let format: TracedText = try (arguments.bound(function.rawValue, ["format"], required: 1)[0] ?? .null)
                .argument("format")
            try expect(size: format.count * 16)
            return try text(TracedText(now.formatted(format.string)))
        case .range: return try range(arguments)
        case .dict: return try checked(.dictionary(dictionary(arguments)))
        case .namespace:
            let dictionary = try dictionary(arguments)
            try charge(dictionary.size)
            namespaces.append([:])
            for (key, value) in zip(dictionary.keys, dictionary.values) {
                guard case .text(let name) = key else { continue }
                try setAttribute(name, value, namespaces.count - 1)
            }
            return .namespace(namespaces.count - 1)
        case .cycler:
            guard !arguments.positional.isEmpty, arguments.named.isEmpty else {
                throw TemplateError(.evaluation, "at least one item has to be provided")
            }
            _ = try list(arguments.positional)
            counters.append(Counter(elements: arguments.positional, isJoiner: false))
            return .counter(counters.count - 1)
        case .joiner:
            let separator = try arguments.bound(function.rawValue, ["sep"])[0] ?? .text(", ")
            try charge(16)
            counters.append(Counter(elements: [separator], isJoiner: true))
            return .counter(counters.count - 1)
        }
    }

    private func range(_ arguments: Arguments) throws(TemplateError) -> Value {
        guard arguments.named.isEmpty, (1...3).contains(arguments.positional.count) else {
            throw TemplateError(.evaluation, "range takes 1 to 3 arguments")
        }
        var numbers: [Int] = []
        for argument in arguments.positional { numbers.append(try argument.argument("an argument of range")) }
        let step = numbers.count > 2 ? numbers[2] : 1
        guard step != 0 else { throw TemplateError(.evaluation, "the third argument of range must not be zero") }
        let range =
            numbers.count == 1
            ? ValueRange(start: 0, stop: numbers[0], step: 1)
            : ValueRange(start: numbers[0], stop: numbers[1], step: step)
        guard let count = range.count, count <= Self.longestRange else {
            throw TemplateError(.limit, "a range has more than \(Self.longestRange) numbers")
        }
        return .range(range)
    }

    /// The dictionary that `dict` makes of another one or of pairs, and of named arguments.
    private func dictionary(_ arguments: Arguments) throws(TemplateError) -> ValueDictionary {
        guard arguments.positional.count <= 1 else {
            throw TemplateError(.evaluation, "dict expected at most 1 argument, got \(arguments.positional.count)")
        }
        var entries: [(Value, Value)] = []
        switch arguments.positional.first {
        case .dictionary(let dictionary)?: entries = Array(zip(dictionary.keys, dictionary.values))
        case let value?:
            for pair in try elements(of: value) {
                let elements = try elements(of: pair)
                guard elements.count == 2 else {
                    throw TemplateError(.evaluation, "dictionary update sequence needs pairs")
                }
                entries.append((elements[0], elements[1]))
            }
        case nil: break
        }
        try charge(entries.count * 4)
        return try ValueDictionary(entries + arguments.named.map { (.text($0.name), $0.value) })
    }

    // MARK: Methods of dictionaries and lists

    private func call(
        _ method: DictionaryMethod, of dictionary: ValueDictionary, _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        guard arguments.named.isEmpty else {
            throw TemplateError(.evaluation, "\(method.rawValue) takes no named arguments")
        }
        switch method {
        case .get:
            let given = try arguments.bound("get", ["key", "default"], required: 1)
            let key = given[0] ?? .null
            try charge(key.size)
            return try dictionary.value(key) ?? given[1] ?? .null
        case .items, .keys, .values, .copy:
            _ = try arguments.bound(method.rawValue, [])
            switch method {
            case .items: return .view(DictionaryView(kind: .items, dictionary: dictionary))
            case .keys: return .view(DictionaryView(kind: .keys, dictionary: dictionary))
            case .values: return .view(DictionaryView(kind: .values, dictionary: dictionary))
            default: return .dictionary(dictionary)
            }
        }
    }

    private func call(
        _ method: SequenceMethod, of value: Value, _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        if method == .copy {
            _ = try arguments.bound("copy", [])
            return value
        }
        let given = try arguments.bound(
            method.rawValue, method == .index ? ["value", "start", "stop"] : ["value"], required: 1)
        guard let wanted = given[0] else { return .null }
        let elements = try elements(of: value)
        if method == .count {
            var count = 0
            for element in elements where try isEqual(element, wanted) { count += 1 }
            return .integer(count)
        }
        let bounds = SliceBounds(
            start: try given[1]?.argument("start"), stop: try given[2]?.argument("stop"), step: 1)
        for index in bounds.indices(elements.count).elements where try isEqual(elements[index], wanted) {
            return .integer(index)
        }
        throw TemplateError(.evaluation, "the value is not in the list")
    }
}
