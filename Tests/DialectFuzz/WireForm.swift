import PenstockJSON
import PenstockProtocolBuffers

/// Messages of Protocol Buffers as JSON has them: a list of fields, each a list of its number and its value. Objects
/// are what JSON has no other form for.
enum WireForm {
    /// Bytes behind which no field is written.
    private static let mostBytes = 3 << 19

    /// The bytes of a message; of anything else its JSON text.
    static func bytes(_ message: JSONValue) -> [UInt8] {
        guard let fields = message.array else { return LooseJSON.bytes(message) }
        var writer = MessageWriter()
        for field in fields where writer.bytes.count < mostBytes {
            guard let pair = field.array, pair.count >= 2, let number = pair[0].integer else { continue }
            write(pair[1], as: number, into: &writer)
        }
        return writer.bytes
    }

    private static func write(_ value: JSONValue, as field: Int, into writer: inout MessageWriter) {
        switch value {
        case .null: break
        case .bool(let flag): writer.bool(field, flag, isChoice: true)
        case .integer(let number): writer.signed(field, Int64(number), isChoice: true)
        case .double(let number): writer.double(field, number, isChoice: true)
        case .string(let text): writer.element(field, LooseJSON.rawText(value) ?? Array(text.utf8))
        case .array: writer.element(field, bytes(value))
        case .object(let object): write(object, as: field, into: &writer)
        }
    }

    private static func write(_ object: JSONObject, as field: Int, into writer: inout MessageWriter) {
        let values = object.entries.first?.value.array ?? []
        switch object.entries.first?.key {
        case "packed":
            let numbers: [UInt64] = values.compactMap { $0.integer.map { UInt64(bitPattern: Int64($0)) } }
            writer.packed(field, numbers)
        case "floats":
            let numbers: [Float] = values.compactMap { $0.double.map { Float($0) } }
            writer.packed(field, numbers)
        case "doubles":
            let numbers: [Double] = values.compactMap(\.double)
            writer.packed(field, numbers)
        case "texts": writer.element(field, elements(values))
        case "hex":
            let digits = Array((object.entries.first?.value.string ?? "").utf8)
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
                UInt8(String(decoding: digits[place...(place + 1)], as: UTF8.self), radix: 16)
            }
            writer.element(field, bytes)
        default: writer.element(field, LooseJSON.bytes(.object(object)))
        }
    }

    /// The bytes of the elements of a tensor: texts behind their lengths, and truth values.
    static func elements(_ values: [JSONValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in values {
            if let text = value.string {
                withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.utf8.count).littleEndian) { bytes += Array($0) }
                bytes += Array(text.utf8)
            } else if let flag = value.bool {
                bytes.append(flag ? 1 : 0)
            }
        }
        return bytes
    }
}
