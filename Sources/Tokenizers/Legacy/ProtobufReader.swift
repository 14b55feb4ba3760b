/// Reads the wire format of Protocol Buffers: numbered fields, one after the other.
struct ProtobufReader {
    /// One field of a message.
    struct Field {
        var number: Int
        var value: Value
    }

    /// A value that a field holds, as far as the wire format tells.
    enum Value {
        case number(UInt64)
        case fixed64(UInt64)
        case bytes(ArraySlice<UInt8>)
        case fixed32(UInt32)
    }

    /// The bytes are no message.
    struct Malformed: Error {
        /// The place of the reader: bytes from the beginning of the file.
        var offset: Int
        var message: String
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// The next field; nil at the end.
    mutating func next() throws(Malformed) -> Field? {
        guard position < bytes.endIndex else { return nil }
        let start = position
        let tag = try varint()
        let number = Int(tag >> 3)
        switch tag & 7 {
        case 0: return Field(number: number, value: .number(try varint()))
        case 1: return Field(number: number, value: .fixed64(try fixed(8)))
        case 2:
            let length = try varint()
            guard length <= UInt64(bytes.endIndex - position) else {
                throw malformed("a field beyond the end", at: start)
            }
            return Field(number: number, value: .bytes(take(Int(length))))
        case 5: return Field(number: number, value: .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
        default: throw malformed("a field of an unknown kind", at: start)
        }
    }

    private func malformed(_ message: String, at offset: Int) -> Malformed {
        Malformed(offset: offset, message: message)
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A number of seven bits a byte, the lowest first.
    private mutating func varint() throws(Malformed) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < bytes.endIndex else { throw malformed("a number beyond the end", at: start) }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw malformed("a number of more than 64 bits", at: start)
    }

    private mutating func fixed(_ count: Int) throws(Malformed) -> UInt64 {
        guard bytes.endIndex - position >= count else { throw malformed("a number beyond the end", at: position) }
        return take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
