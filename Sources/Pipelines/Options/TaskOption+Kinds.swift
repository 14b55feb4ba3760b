import PenstockJSON

extension TaskOption {
    /// A truth value.
    static func flag(
        _ name: String, _ path: WritableKeyPath<Options, Bool> & Sendable, _ summary: String
    ) -> TaskOption {
        optional(
            OptionDescription(name, .flag, fallback: .bool(Options()[keyPath: path]), summary), \.bool
        ) { $0[keyPath: path] = $1 }
    }

    /// A truth value that need not be given.
    static func flag(
        _ name: String, _ path: WritableKeyPath<Options, Bool?> & Sendable, _ summary: String
    ) -> TaskOption {
        optional(
            OptionDescription(name, .flag, fallback: Options()[keyPath: path].map(JSONValue.bool), summary), \.bool
        ) { $0[keyPath: path] = $1 }
    }

    /// An integer.
    static func integer(
        _ name: String, _ path: WritableKeyPath<Options, Int> & Sendable, atLeast least: Int, _ summary: String
    ) -> TaskOption {
        integer(name, atLeast: least, fallback: Options()[keyPath: path], summary) { $0[keyPath: path] = $1 }
    }

    /// An integer that need not be given.
    static func integer(
        _ name: String, _ path: WritableKeyPath<Options, Int?> & Sendable, atLeast least: Int, _ summary: String
    ) -> TaskOption {
        integer(name, atLeast: least, fallback: Options()[keyPath: path], summary) { $0[keyPath: path] = $1 }
    }

    /// An integer, set by a function.
    static func integer(
        _ name: String, atLeast least: Int?, atMost most: Int? = nil, fallback: Int?, _ summary: String,
        null setNull: (@Sendable (inout Options) -> Void)? = nil,
        set: @escaping @Sendable (inout Options, Int) -> Void
    ) -> TaskOption {
        let kind = OptionDescription.Kind.integer(atLeast: least, atMost: most)
        return optional(
            OptionDescription(name, kind, fallback: fallback.map(JSONValue.integer), summary), null: setNull,
            { $0.integer.flatMap { $0 >= least ?? .min && $0 <= most ?? .max ? $0 : nil } }, set: set)
    }

    /// A number that need not be given.
    static func number(
        _ name: String, _ path: WritableKeyPath<Options, Double?> & Sendable, _ range: NumberRange, _ summary: String
    ) -> TaskOption {
        optional(
            OptionDescription(name, .number(range), fallback: Options()[keyPath: path].map(JSONValue.double), summary),
            { $0.double.flatMap { range.contains($0) ? $0 : nil } }
        ) { $0[keyPath: path] = $1 }
    }

    /// A value of another form that need not be given.
    static func form<Value: Sendable>(
        _ name: String, _ path: WritableKeyPath<Options, Value?> & Sendable, type: String, expected: String,
        _ summary: String, _ decode: @escaping @Sendable (JSONValue) -> Value?
    ) -> TaskOption {
        optional(
            OptionDescription(name, .form(name: type, expected: expected), fallback: nil, summary), decode
        ) { $0[keyPath: path] = $1 }
    }

    /// A text that need not be given.
    static func text(
        _ name: String, _ path: WritableKeyPath<Options, String?> & Sendable, _ summary: String
    ) -> TaskOption {
        optional(
            OptionDescription(name, .text, fallback: Options()[keyPath: path].map(JSONValue.string), summary), \.string
        ) { $0[keyPath: path] = $1 }
    }

    /// A text.
    static func text(
        _ name: String, _ path: WritableKeyPath<Options, String> & Sendable, _ summary: String
    ) -> TaskOption {
        optional(
            OptionDescription(name, .text, fallback: .string(Options()[keyPath: path]), summary), \.string
        ) { $0[keyPath: path] = $1 }
    }

    /// A text or a list of texts that need not be given.
    static func texts(
        _ name: String, _ path: WritableKeyPath<Options, [String]?> & Sendable, _ summary: String
    ) -> TaskOption {
        let fallback = Options()[keyPath: path].map { JSONValue.array($0.map(JSONValue.string)) }
        let description = OptionDescription(name, .texts, fallback: fallback, summary)
        return TaskOption(description) { (value, prefix, options) throws(PipelineError) in
            if let text = value.string {
                options[keyPath: path] = [text]
            } else {
                options[keyPath: path] = try description.strings(of: value, path: prefix)
            }
        }
    }

    /// A list of texts.
    static func textList(
        _ name: String, _ path: WritableKeyPath<Options, [String]> & Sendable, _ summary: String
    ) -> TaskOption {
        let fallback = JSONValue.array(Options()[keyPath: path].map(JSONValue.string))
        let description = OptionDescription(name, .textList, fallback: fallback, summary)
        return TaskOption(description) { (value, prefix, options) throws(PipelineError) in
            options[keyPath: path] = try description.strings(of: value, path: prefix)
        }
    }

    /// One of several values, each with what it means.
    static func choice<Value: Sendable>(
        _ name: String, _ path: WritableKeyPath<Options, Value> & Sendable, fallback: JSONValue? = nil,
        ignoresCase: Bool = false, _ choices: [(JSONValue, Value)], _ summary: String
    ) -> TaskOption {
        let description = OptionDescription(name, .choice(choices.map(\.0)), fallback: fallback, summary)
        return optional(description) { value in
            let key = ignoresCase ? value.string.map { JSONValue.string($0.lowercased()) } ?? value : value
            return choices.first { $0.0 == key }?.1
        } set: {
            $0[keyPath: path] = $1
        }
    }

    /// One of the cases of a type, by their names.
    static func names<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: WritableKeyPath<Options, Value> & Sendable, _ summary: String
    ) -> TaskOption {
        choice(
            name, path, fallback: .string(Options()[keyPath: path].rawValue),
            Value.allCases.map { (.string($0.rawValue), $0) }, summary)
    }

    /// Options below an option.
    static func object<Nested: TaskOptions>(
        _ name: String, _ path: WritableKeyPath<Options, Nested> & Sendable, _ table: OptionTable<Nested>,
        _ summary: String
    ) -> TaskOption {
        let description = OptionDescription(name, .object(table.descriptions), fallback: nil, summary)
        return TaskOption(description) { (value, prefix, options) throws(PipelineError) in
            guard let object = value.object else { throw description.mismatch(value, path: prefix) }
            try table.read(object, path: "\(prefix)\(name).", into: &options[keyPath: path])
        }
    }

    /// One of several values that are taken from whoever sends them, and change no answer.
    static func ineffective(
        _ name: String, _ summary: String, values: [JSONValue] = [.bool(true), .bool(false)]
    ) -> TaskOption {
        optional(OptionDescription(name, .choice(values), fallback: nil, summary), { values.contains($0) ? $0 : nil }) {
            _, _ in
        }
    }

    private static func optional<Value>(
        _ description: OptionDescription, null setNull: (@Sendable (inout Options) -> Void)? = nil,
        _ decode: @escaping @Sendable (JSONValue) -> Value?, set: @escaping @Sendable (inout Options, Value) -> Void
    ) -> TaskOption {
        TaskOption(description, null: setNull) { (value, prefix, options) throws(PipelineError) in
            guard let decoded = decode(value) else { throw description.mismatch(value, path: prefix) }
            set(&options, decoded)
        }
    }
}

extension OptionDescription {
    /// The texts of a list.
    func strings(of value: JSONValue, path: String) throws(PipelineError) -> [String] {
        guard let elements = value.array else { throw mismatch(value, path: path) }
        var strings: [String] = []
        for (index, element) in elements.enumerated() {
            guard let string = element.string else {
                throw OptionDescription("\(name)[\(index)]", .text, fallback: nil, "").mismatch(element, path: path)
            }
            strings.append(string)
        }
        return strings
    }
}
