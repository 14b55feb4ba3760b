/// A reader of the fields of a message, in the order in which they come, in time linear in its bytes.
///
/// Groups, which no message of today has, are passed over.
package struct MessageReader {
    /// The groups that may lie within each other.
    private static let deepestGroup = 64

    private var cursor: WireCursor

    /// A reader of a message of these bytes.
    package init(_ bytes: ArraySlice<UInt8>) { cursor = WireCursor(bytes) }

    /// The next field; nil behind the last.
    ///
    /// - Throws: ``WireError`` for bytes that are no message.
    package mutating func next() throws(WireError) -> WireField? {
        var groups: [Int] = []
        while !cursor.isAtEnd {
            let (number, kind) = try tag()
            switch kind {
            case 3:
                guard groups.count < Self.deepestGroup else { throw .unbalancedGroup }
                groups.append(number)
            case 4:
                guard groups.popLast() == number else { throw .unbalancedGroup }
            default:
                let field = WireField(number, try value(kind))
                if groups.isEmpty { return field }
            }
        }
        guard groups.isEmpty else { throw .truncated }
        return nil
    }

    /// The number and the kind of the next field.
    private mutating func tag() throws(WireError) -> (number: Int, kind: UInt64) {
        let tag = try cursor.varint()
        guard tag >> 3 > 0, tag <= UInt32.max else { throw .invalidField }
        return (Int(tag >> 3), tag & 7)
    }

    private mutating func value(_ kind: UInt64) throws(WireError) -> WireField.Value {
        switch kind {
        case 0: return .varint(try cursor.varint())
        case 1: return .fixed64(try cursor.fixed(UInt64.self))
        case 2:
            let count = try cursor.varint()
            return .bytes(try cursor.take(count))
        case 5: return .fixed32(try cursor.fixed(UInt32.self))
        default: throw .invalidField
        }
    }
}
