import PenstockJSON
import PenstockProtocolBuffers

/// The message `InferTensorContents`: the elements of a tensor, in a list for each kind of numbers.
struct TensorContents: Sendable {
    /// The lists of the message.
    enum Kind: String {
        case bool = "bool_contents"
        case int = "int_contents"
        case int64 = "int64_contents"
        case uint = "uint_contents"
        case uint64 = "uint64_contents"
        case float = "fp32_contents"
        case double = "fp64_contents"
        case bytes = "bytes_contents"
    }

    /// The elements of all lists.
    private(set) var elements: [JSONValue] = []
    /// The lists that have elements, each once.
    private(set) var kinds: [Kind] = []
    /// True if an element is an infinity or no number.
    private(set) var hasOther = false

    /// Adds the lists of a message.
    mutating func add(_ message: ArraySlice<UInt8>) throws(WireError) {
        var reader = MessageReader(message)
        while let field = try reader.next() {
            let former = elements.count
            guard let kind = try add(field) else { continue }
            if elements.count > former, !kinds.contains(kind) { kinds.append(kind) }
        }
    }

    /// Adds the elements of a field, and returns its kind; nil if it is none of the lists.
    private mutating func add(_ field: WireField) throws(WireError) -> Kind? {
        switch field.number {
        case 1:
            try field.eachUnsigned { elements.append(.bool($0 != 0)) }
            return .bool
        case 2:
            // Of a number of 32 bits, those above are of no account.
            try field.eachUnsigned { elements.append(.integer(Int(Int32(truncatingIfNeeded: $0)))) }
            return .int
        case 3:
            try field.eachUnsigned { elements.append(.integer(Int(Int64(bitPattern: $0)))) }
            return .int64
        case 4:
            try field.eachUnsigned { elements.append(.integer(Int(UInt32(truncatingIfNeeded: $0)))) }
            return .uint
        case 5:
            try field.eachUnsigned { elements.append(JSONValue(unsigned: $0)) }
            return .uint64
        case 6:
            try field.eachFloat { add(Double($0)) }
            return .float
        case 7:
            try field.eachDouble { add($0) }
            return .double
        case 8:
            guard let text = try field.text else { return nil }
            elements.append(.string(text))
            return .bytes
        default: return nil
        }
    }

    private mutating func add(_ number: Double) {
        hasOther = hasOther || !number.isFinite
        elements.append(.double(number))
    }

    /// The most elements that a message can have.
    static func values(in message: ArraySlice<UInt8>) throws(WireError) -> Int {
        var values = 0
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch (field.number, field.bytes?.count) {
            case (6, let bytes?): values += bytes / 4
            case (7, let bytes?): values += bytes / 8
            case (1...5, let bytes?): values += bytes
            default: values += 1
            }
        }
        return values
    }
}

extension TensorType {
    /// The list in which elements of the type are sent; nil for those that are only sent as bytes.
    var contents: TensorContents.Kind? {
        switch self {
        case .bool: .bool
        case .int8, .int16, .int32: .int
        case .int64: .int64
        case .uint8, .uint16, .uint32: .uint
        case .uint64: .uint64
        case .float32: .float
        case .float64: .double
        case .bytes: .bytes
        case .float16, .bfloat16: nil
        }
    }
}
