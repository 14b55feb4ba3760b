/// A test: what `is` asks of a value.
struct Test: Sendable {
    typealias Body = @Sendable (Renderer, Value, [Value]) throws(TemplateError) -> Bool

    private let parameters: [String]
    private let body: Body

    init(_ parameters: [String] = [], _ body: @escaping Body) { (self.parameters, self.body) = (parameters, body) }

    func callAsFunction(
        _ renderer: Renderer, _ name: String, _ value: Value, _ arguments: Arguments
    ) throws(TemplateError) -> Bool {
        let given = try arguments.bound("the test '\(name)'", parameters, required: parameters.count)
        return try body(renderer, value, given.compactMap(\.self))
    }

    /// A test of the value alone.
    private static func kind(_ isKind: @escaping @Sendable (Value) -> Bool) -> Test {
        Test { _, value, _ throws(TemplateError) in isKind(value) }
    }

    private static func order(_ order: Value.Order) -> Test {
        Test(["other"]) { renderer, value, given throws(TemplateError) in
            try renderer.compare(value, order, given[0])
        }
    }

    private static let equal = Test(["other"]) { renderer, value, given throws(TemplateError) in
        try renderer.isEqual(value, given[0])
    }

    private static let notEqual = Test(["other"]) { renderer, value, given throws(TemplateError) in
        !(try renderer.isEqual(value, given[0]))
    }

    private static func remainder(_ divisor: Int, is remainder: Int) -> Test {
        Test { renderer, value, _ throws(TemplateError) in
            try renderer.isEqual(renderer.combine(value, .remainder, .integer(divisor)), .integer(remainder))
        }
    }

    private static func `case`(upper: Bool) -> Test {
        Test { renderer, value, _ throws(TemplateError) in try renderer.printed(value).isCased(upper: upper) }
    }

    /// All tests by name.
    static let all: [String: Test] = [
        "odd": remainder(2, is: 1), "even": remainder(2, is: 0),
        "divisibleby": Test(["num"]) { renderer, value, given throws(TemplateError) in
            try renderer.isEqual(renderer.combine(value, .remainder, given[0]), .integer(0))
        },
        "defined": kind { !$0.isUndefined }, "undefined": kind { $0.isUndefined }, "none": kind { $0.isNone },
        "filter": kind { $0.text.map { Filter.all[$0.string] != nil } ?? false },
        "test": kind { $0.text.map { isTest($0.string) } ?? false },
        "boolean": kind { if case .bool = $0 { true } else { false } },
        "true": kind { if case .bool(true) = $0 { true } else { false } },
        "false": kind { if case .bool(false) = $0 { true } else { false } },
        "integer": kind { if case .integer = $0 { true } else { false } },
        "float": kind { if case .double = $0 { true } else { false } },
        "number": kind { $0.double != nil },
        "string": kind { $0.text != nil },
        "escaped": kind { $0.text?.isMarkup ?? false },
        "mapping": kind { if case .dictionary = $0 { true } else { false } },
        "sequence": kind(isSequence), "iterable": kind { isSequence($0) || isIterable($0) },
        "callable": kind(isCallable),
        "sameas": Test(["other"]) { _, value, given throws(TemplateError) in isSame(value, given[0]) },
        "lower": `case`(upper: false), "upper": `case`(upper: true),
        "in": Test(["seq"]) { renderer, value, given throws(TemplateError) in try renderer.contains(given[0], value) },
        "==": equal, "eq": equal, "equalto": equal, "!=": notEqual, "ne": notEqual,
        ">": order(.greater), "gt": order(.greater), "greaterthan": order(.greater), ">=": order(.greaterEqual),
        "ge": order(.greaterEqual), "<": order(.less), "lt": order(.less), "lessthan": order(.less),
        "<=": order(.lessEqual), "le": order(.lessEqual),
    ]

    private static func isTest(_ name: String) -> Bool { all[name] != nil }

    private static func isSequence(_ value: Value) -> Bool {
        switch value {
        case .text, .list, .tuple, .group, .dictionary, .range, .undefined: true
        default: false
        }
    }

    private static func isIterable(_ value: Value) -> Bool {
        switch value {
        case .view, .iterator, .loop: true
        default: false
        }
    }

    private static func isCallable(_ value: Value) -> Bool {
        switch value {
        case .function, .method, .macro, .loop, .counter: true
        // A missing value has a method that makes calling it an error.
        case .undefined: true
        default: false
        }
    }

    /// Python's `is`, as far as it does not depend on where objects lie.
    private static func isSame(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.text(let left), .text(let right)): left == right
        case (.dictionary(let left), .dictionary(let right)): left === right
        case (.namespace(let left), .namespace(let right)): left == right
        default: false
        }
    }
}
