import PenstockJSON
import PenstockPipelines

/// A type of the elements of a tensor, as the Open Inference Protocol names them.
enum TensorType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case uint8 = "UINT8"
    case uint16 = "UINT16"
    case uint32 = "UINT32"
    case uint64 = "UINT64"
    case int8 = "INT8"
    case int16 = "INT16"
    case int32 = "INT32"
    case int64 = "INT64"
    case float16 = "FP16"
    case float32 = "FP32"
    case float64 = "FP64"
    case bfloat16 = "BF16"
    /// Texts.
    case bytes = "BYTES"

    /// The bytes of an element; nil where each has a number of its own.
    var size: Int? {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .bytes: nil
        }
    }

    /// The name of the type in a configuration of Triton.
    var configurationName: String { self == .bytes ? "TYPE_STRING" : "TYPE_\(rawValue)" }

    /// The number of that name, as `DataType` has it.
    var configurationNumber: UInt64 {
        switch self {
        case .bool: 1
        case .uint8: 2
        case .uint16: 3
        case .uint32: 4
        case .uint64: 5
        case .int8: 6
        case .int16: 7
        case .int32: 8
        case .int64: 9
        case .float16: 10
        case .float32: 11
        case .float64: 12
        case .bytes: 13
        case .bfloat16: 14
        }
    }
}

extension TensorType {
    /// The element that a value of JSON is; nil if it is none. There is no form in JSON for `BF16`.
    func element(_ value: JSONValue) -> JSONValue? {
        func fits<Number: FixedWidthInteger>(_: Number.Type) -> JSONValue? {
            value.integer.flatMap { Number(exactly: $0) == nil ? nil : .integer($0) }
        }
        return switch self {
        case .bool: value.bool.map(JSONValue.bool)
        case .uint8: fits(UInt8.self)
        case .uint16: fits(UInt16.self)
        case .uint32: fits(UInt32.self)
        // A number that no signed one holds is a double to JSON.
        case .uint64: fits(UInt64.self) ?? value.double.flatMap { UInt64(exactly: $0) == nil ? nil : value }
        case .int8: fits(Int8.self)
        case .int16: fits(Int16.self)
        case .int32: fits(Int32.self)
        case .int64: fits(Int64.self)
        case .float16, .float32, .float64: value.double.map(JSONValue.double)
        case .bfloat16: nil
        case .bytes: value.string.map(JSONValue.string)
        }
    }

    /// The element of some little-endian bytes, of which there are ``size``; nil if they are no finite number, or no truth
    /// value.
    func element(bytes: some BidirectionalCollection<UInt8>) -> JSONValue? {
        let bits = bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        func number(_ number: Double) -> JSONValue? { number.isFinite ? .double(number) : nil }
        switch self {
        case .bool: return bits > 1 ? nil : .bool(bits == 1)
        case .uint8, .uint16, .uint32, .uint64:
            return Int(exactly: bits).map(JSONValue.integer) ?? .double(Double(bits))
        case .int8: return .integer(Int(Int8(truncatingIfNeeded: bits)))
        case .int16: return .integer(Int(Int16(truncatingIfNeeded: bits)))
        case .int32: return .integer(Int(Int32(truncatingIfNeeded: bits)))
        case .int64: return .integer(Int(truncatingIfNeeded: bits))
        case .float16:
            let isFinite = bits & 0x7C00 != 0x7C00
            return isFinite ? .double(Double(HalfPrecision.number(UInt16(truncatingIfNeeded: bits)))) : nil
        case .bfloat16: return number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16)))
        case .float32: return number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .float64: return number(Double(bitPattern: bits))
        case .bytes: return nil
        }
    }
}

/// A tensor as a model declares it.
struct TensorDescription: Sendable {
    let name: String
    let type: TensorType
    /// The dimensions, -1 for those that depend on the request.
    let shape: [Int]

    init(_ name: String, _ type: TensorType, _ shape: [Int] = [-1]) {
        (self.name, self.type, self.shape) = (name, type, shape)
    }
}
