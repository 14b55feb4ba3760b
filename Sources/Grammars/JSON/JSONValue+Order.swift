import PenstockJSON

extension JSONValue {
    /// Tells whether a number is less than another, without rounding; false if one of them is no number.
    func isLess(than other: JSONValue) -> Bool {
        switch (self, other) {
        case (.integer(let one), .integer(let two)): one < two
        case (.double(let one), .double(let two)): one < two
        case (.integer(let one), .double(let two)): Int(exactly: two.rounded(.up)).map { one < $0 } ?? (two > 0)
        case (.double(let one), .integer(let two)): Int(exactly: one.rounded(.down)).map { $0 < two } ?? (one < 0)
        default: false
        }
    }

    /// Tells whether two values are the same in JSON Schema: numbers by their value, objects without order.
    func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.integer(let one), .double(let two)), (.double(let two), .integer(let one)):
            return Int(exactly: two) == one
        case (.array(let first), .array(let second)):
            return first.count == second.count && zip(first, second).allSatisfy { $0.isSame(as: $1) }
        case (.object(let first), .object(let second)):
            return first.entries.count == second.entries.count
                && first.entries.allSatisfy { entry in second[entry.key]?.isSame(as: entry.value) ?? false }
        default: return self == other
        }
    }
}
