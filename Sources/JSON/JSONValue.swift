/// A JSON document in memory.
///
/// Objects keep the order of their keys and every entry, also repeated ones, so that a reader can tell a
/// duplicate from a single entry and a writer gives back what was read.
public enum JSONValue: Sendable, Equatable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case integer(Int)
    /// Every other number.
    case double(Double)
    /// A string, its escapes resolved.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)
}

extension JSONValue {
    /// Tells whether two values are the same. Strings are if their code points are: unlike in Swift's own comparison,
    /// Unicode's equivalences do not count.
    public static func == (first: JSONValue, second: JSONValue) -> Bool {
        switch (first, second) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.integer(let one), .integer(let other)): one == other
        case (.double(let one), .double(let other)): one == other
        case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }

    /// The string, or nil when this is something else.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The truth value, or nil when this is something else.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, or nil when this is no array.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The object, or nil when this is something else.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// True if this is `null`.
    public var isNull: Bool { self == .null }

    /// The number as an integer: also `3.0`, but neither `3.5` nor what 64 bits cannot hold.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number in double precision, or nil when this is no number.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The value of `key` if this is an object that has it, and nil otherwise.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// The kind of value that this is, in the words of an error message: "a string", "an object", ….
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// The entries of a JSON object in the order of the text.
public struct JSONObject: Sendable, Equatable {
    /// One `"key": value`.
    public struct Entry: Sendable, Equatable {
        /// The key, its escapes resolved.
        public let key: String
        /// The value that stands behind it.
        public let value: JSONValue

        /// Tells whether two entries are the same, keys by their code points.
        public static func == (first: Entry, second: Entry) -> Bool {
            first.key.utf8.elementsEqual(second.key.utf8) && first.value == second.value
        }
    }

    /// All entries as written, repeated keys included.
    public private(set) var entries: [Entry]

    /// An object of these entries, kept in their order.
    public init(_ entries: [(String, JSONValue)] = []) {
        self.entries = entries.map { Entry(key: $0.0, value: $0.1) }
    }

    /// Adds an entry at the end.
    public mutating func append(_ key: String, _ value: JSONValue) {
        entries.append(Entry(key: key, value: value))
    }

    /// The value of `key`; of a repeated key the last one, as in Python. Takes time linear in the number of entries.
    ///
    /// Keys are the same if their code points are: unlike Swift's own comparison, Unicode's equivalences do not count.
    public subscript(key: String) -> JSONValue? {
        entries.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The first key that stands in the object a second time, if any.
    public var firstDuplicateKey: String? {
        var seen = Set<[UInt8]>(minimumCapacity: entries.count)
        return entries.first { !seen.insert(Array($0.key.utf8)).inserted }?.key
    }
}
