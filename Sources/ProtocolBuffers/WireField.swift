/// A field of a message: a number, and a value of one of the four kinds that can be told apart without its declaration.
package struct WireField {
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(ArraySlice<UInt8>)
    }

    /// The number, from 1 to 536,870,911.
    package let number: Int
    let value: Value

    init(_ number: Int, _ value: Value) { (self.number, self.value) = (number, value) }
}

/// Values of single fields. They are nil if the field is of another kind, and so one that the reader does not know.
extension WireField {
    /// An unsigned number, or the bits of one of another type.
    package var unsigned: UInt64? { if case .varint(let number) = value { number } else { nil } }

    /// A signed number that is written as its 64 bits.
    package var signed: Int64? { unsigned.map { Int64(bitPattern: $0) } }

    /// A truth value.
    package var bool: Bool? { unsigned.map { $0 != 0 } }

    /// A number of double precision.
    package var double: Double? { if case .fixed64(let bits) = value { Double(bitPattern: bits) } else { nil } }

    /// Bytes, or a message.
    package var bytes: ArraySlice<UInt8>? { if case .bytes(let bytes) = value { bytes } else { nil } }

    /// A text.
    ///
    /// - Throws: ``WireError`` if it is not UTF-8.
    package var text: String? {
        get throws(WireError) {
            guard let bytes else { return nil }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidText(field: number) }
            return text
        }
    }
}

/// Values of repeated fields, which come one by one or packed, and mixed.
extension WireField {
    /// Hands on the numbers of a list of unsigned ones, or the bits of those of another type that has no fixed size.
    package func eachUnsigned(_ body: (UInt64) -> Void) throws(WireError) {
        switch value {
        case .varint(let number): body(number)
        case .bytes(let bytes):
            var cursor = WireCursor(bytes)
            while !cursor.isAtEnd { body(try cursor.varint()) }
        case .fixed32, .fixed64: break
        }
    }

    /// Hands on the numbers of a list of single precision.
    package func eachFloat(_ body: (Float) -> Void) throws(WireError) {
        switch value {
        case .fixed32(let bits): body(Float(bitPattern: bits))
        case .bytes(let bytes):
            guard bytes.count.isMultiple(of: 4) else { throw .invalidList(field: number) }
            var cursor = WireCursor(bytes)
            while !cursor.isAtEnd { body(Float(bitPattern: try cursor.fixed(UInt32.self))) }
        case .varint, .fixed64: break
        }
    }

    /// Hands on the numbers of a list of double precision.
    package func eachDouble(_ body: (Double) -> Void) throws(WireError) {
        switch value {
        case .fixed64(let bits): body(Double(bitPattern: bits))
        case .bytes(let bytes):
            guard bytes.count.isMultiple(of: 8) else { throw .invalidList(field: number) }
            var cursor = WireCursor(bytes)
            while !cursor.isAtEnd { body(Double(bitPattern: try cursor.fixed(UInt64.self))) }
        case .varint, .fixed32: break
        }
    }
}
