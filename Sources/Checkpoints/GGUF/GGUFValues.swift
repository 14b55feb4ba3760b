import PenstockJSON

/// Reads the values of key-value pairs of a GGUF file, as JSON values.
///
/// Integers that a signed one of 64 bits cannot hold become floating-point numbers, as those of JSON do.
struct GGUFValues {
    /// The types of values by the numbers that files have for them.
    enum Kind: UInt32 {
        case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// Bytes that a value takes at least.
        fileprivate var leastBytes: Int {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64, .string: 8
            case .array: 12
            }
        }
    }

    /// The elements that arrays may still have: those of the largest vocabularies, several times over.
    private var elementsLeft = 1 << 22
    private static let deepestArray = 4
    /// True if strings need not be UTF-8.
    private var repairsStrings = false

    /// Reads the number of a type and a value of it.
    ///
    /// - Parameter isNote: true for the value of a key that says nothing of the model but how it came to be, such as the
    ///   path of a file on the machine of who made it; its strings need not be UTF-8
    mutating func value(_ cursor: inout FileCursor, isNote: Bool = false) throws(CheckpointError) -> JSONValue {
        repairsStrings = isNote
        return try value(of: Self.kind(&cursor), &cursor, depth: 0)
    }

    private static func kind(_ cursor: inout FileCursor) throws(CheckpointError) -> Kind {
        let start = cursor.position
        let number = try cursor.integer(UInt32.self)
        guard let kind = Kind(rawValue: number) else {
            throw cursor.malformed("there is no type of values \(number)", at: start)
        }
        return kind
    }

    private mutating func value(
        of kind: Kind, _ cursor: inout FileCursor, depth: Int
    ) throws(CheckpointError) -> JSONValue {
        switch kind {
        case .uint8: return .integer(Int(try cursor.integer(UInt8.self)))
        case .int8: return .integer(Int(try cursor.integer(Int8.self)))
        case .uint16: return .integer(Int(try cursor.integer(UInt16.self)))
        case .int16: return .integer(Int(try cursor.integer(Int16.self)))
        case .uint32: return .integer(Int(try cursor.integer(UInt32.self)))
        case .int32: return .integer(Int(try cursor.integer(Int32.self)))
        case .float32: return .double(Double(Float(bitPattern: try cursor.integer(UInt32.self))))
        case .bool: return try Self.bool(&cursor)
        case .string: return .string(try cursor.string(isRepaired: repairsStrings))
        case .array: return try array(&cursor, depth: depth + 1)
        case .uint64:
            let number = try cursor.integer(UInt64.self)
            return Int(exactly: number).map(JSONValue.integer) ?? .double(Double(number))
        case .int64: return .integer(Int(try cursor.integer(Int64.self)))
        case .float64: return .double(Double(bitPattern: try cursor.integer(UInt64.self)))
        }
    }

    private static func bool(_ cursor: inout FileCursor) throws(CheckpointError) -> JSONValue {
        let start = cursor.position
        let byte = try cursor.integer(UInt8.self)
        guard byte <= 1 else { throw cursor.malformed("a truth value is \(byte), but has to be 0 or 1", at: start) }
        return .bool(byte == 1)
    }

    private mutating func array(_ cursor: inout FileCursor, depth: Int) throws(CheckpointError) -> JSONValue {
        guard depth <= Self.deepestArray else {
            throw cursor.malformed("arrays are nested more than \(Self.deepestArray) deep")
        }
        let kind = try Self.kind(&cursor)
        let start = cursor.position
        let count = try cursor.count(atMost: elementsLeft, of: "elements")
        elementsLeft -= count
        guard count <= cursor.remaining / kind.leastBytes else {
            throw cursor.malformed("an array of \(count) elements is longer than the file", at: start)
        }
        var elements: [JSONValue] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try value(of: kind, &cursor, depth: depth)) }
        return .array(elements)
    }
}
