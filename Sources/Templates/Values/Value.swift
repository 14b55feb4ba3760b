/// A value of a template: what Python has in its place, as far as templates can tell.
///
/// Values never change, apart from namespaces and iterators: these, loops and macros are handles of the renderer that
/// made them, so that no value holds on to itself.
enum Value: Sendable {
    case undefined(Undefined)
    case null
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case text(TracedText)
    case list(ValueList)
    case tuple(ValueList)
    /// A pair that `groupby` makes, whose elements are also named `grouper` and `list`.
    case group(ValueList)
    case dictionary(ValueDictionary)
    case view(DictionaryView)
    case range(ValueRange)
    case iterator(Int)
    case function(Function)
    case method(BoundMethod)
    case macro(Int)
    case namespace(Int)
    case loop(Int)
    /// The function that `cycler` or `joiner` returns.
    case counter(Int)
}

/// A value that is missing, and what is missing.
enum Undefined: Sendable {
    case variable(String)
    case attribute(of: String, TracedText)
    case element(of: String)
    /// An attribute that templates may not use.
    case unsafe(TracedText)
    case hint(String)

    /// The sentence that says what is missing.
    var message: String {
        switch self {
        case .variable(let name): "'\(name)' is undefined"
        case .attribute(let owner, let name): "\(owner) has no attribute '\(name.string.prefix(100))'"
        case .element(let owner): "\(owner) has no such element"
        case .unsafe(let name): "access to the attribute '\(name.string.prefix(100))' is unsafe"
        case .hint(let hint): hint
        }
    }
}

/// Elements in their order, of a list or a tuple.
struct ValueList: Sendable {
    let elements: [Value]
    /// The elements and theirs, and the code points of texts.
    let size: Int
    /// The nesting of lists and dictionaries, this one included.
    let depth: Int

    init(_ elements: [Value]) {
        self.elements = elements
        var (size, depth) = (1, 0)
        for element in elements {
            size = size.addingSaturating(element.size)
            depth = max(depth, element.depth)
        }
        (self.size, self.depth) = (size, depth + 1)
    }

    var count: Int { elements.count }
}

/// The integers from a start to a stop, which is not among them, in steps.
struct ValueRange: Sendable {
    let start: Int
    let stop: Int
    let step: Int

    /// The number of integers, or nil if they are more than fit.
    var count: Int? {
        let (low, high) = step > 0 ? (start, stop) : (stop, start)
        guard low < high else { return 0 }
        let (distance, overflow) = high.subtractingReportingOverflow(low)
        guard !overflow else { return nil }
        return Int((distance.magnitude - 1) / step.magnitude + 1)
    }

    /// The first integer, if there is one.
    var first: Int? { count == 0 ? nil : start }
    var elements: some Collection<Int> { (0..<(count ?? 0)).lazy.map { self[$0] } }

    subscript(index: Int) -> Int { start &+ index &* step }
}

/// The view that `keys`, `values` or `items` of a dictionary returns.
struct DictionaryView: Sendable {
    enum Kind: String, Sendable { case keys, values, items }
    let kind: Kind
    let dictionary: ValueDictionary

    /// The elements, in the order of the dictionary.
    var elements: [Value] {
        switch kind {
        case .keys: dictionary.keys
        case .values: dictionary.values
        case .items: zip(dictionary.keys, dictionary.values).map { .tuple(ValueList([$0, $1])) }
        }
    }
}

/// A method together with its value.
final class BoundMethod: Sendable {
    let receiver: Value
    let method: Method

    init(_ receiver: Value, _ method: Method) { (self.receiver, self.method) = (receiver, method) }
}

extension Value {
    static func text(_ string: String) -> Value { .text(TracedText(string)) }

    /// The work of looking at the whole value: its elements and theirs, and the code points of its texts.
    var size: Int {
        switch self {
        case .text(let text): 1 + text.count
        case .list(let list), .tuple(let list), .group(let list): list.size
        case .dictionary(let dictionary): dictionary.size
        case .view(let view): view.dictionary.size
        case .method(let method): 1 + method.receiver.size
        default: 1
        }
    }

    /// The nesting of lists and dictionaries.
    var depth: Int {
        switch self {
        case .list(let list), .tuple(let list), .group(let list): list.depth
        case .dictionary(let dictionary): dictionary.depth
        case .view(let view): view.dictionary.depth + 1
        case .method(let method): method.receiver.depth + 1
        default: 0
        }
    }

    var text: TracedText? { if case .text(let text) = self { text } else { nil } }
    var isUndefined: Bool { if case .undefined = self { true } else { false } }
    var isNone: Bool { if case .null = self { true } else { false } }

    /// The value as an integer, for which Python also takes a boolean.
    var integer: Int? {
        switch self {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// The number in double precision, or nil if this is no number.
    var double: Double? { if case .double(let value) = self { value } else { integer.map(Double.init) } }

    /// Python's truth of a value: empty texts, lists and dictionaries, 0 and what is missing are false.
    var isTrue: Bool {
        switch self {
        case .undefined, .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .double(let value): value != 0
        case .text(let text): !text.isEmpty
        case .list(let list), .tuple(let list), .group(let list): list.count > 0
        case .dictionary(let dictionary): !dictionary.keys.isEmpty
        case .view(let view): !view.dictionary.keys.isEmpty
        case .range(let range): range.count != 0
        default: true
        }
    }

    /// The name of the value's type in Python.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .null: "NoneType"
        case .bool: "bool"
        case .integer: "int"
        case .double: "float"
        case .text(let text): text.isMarkup ? "Markup" : "str"
        case .list: "list"
        case .tuple, .group: "tuple"
        case .dictionary: "dict"
        case .view(let view): "dict_\(view.kind.rawValue)"
        case .range: "range"
        case .iterator: "generator"
        case .function, .method: "function"
        case .macro: "Macro"
        case .namespace: "Namespace"
        case .loop: "LoopContext"
        case .counter: "counter"
        }
    }

    /// The value as the owner of something that is missing, in the words of Jinja.
    var ownerName: String { isNone ? "None" : "'\(typeName) object'" }
}

extension Int {
    /// The sum, or the largest integer.
    func addingSaturating(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
