import PenstockJSON

extension JSONValue {
    /// How many strings the value holds that are not keys, and their bytes of UTF-8: what of it can be text to compute on.
    package var textSize: (count: Int, bytes: Int) {
        func sum(_ values: some Sequence<JSONValue>) -> (count: Int, bytes: Int) {
            values.reduce((0, 0)) { sum, value in
                let size = value.textSize
                return (sum.0 + size.count, sum.1 + size.bytes)
            }
        }
        switch self {
        case .string(let text): return (1, text.utf8.count)
        case .array(let elements): return sum(elements)
        case .object(let object): return sum(object.entries.lazy.map(\.value))
        case .null, .bool, .integer, .double: return (0, 0)
        }
    }
}
