import PenstockProtocolBuffers

/// Reads fields for tests.
enum MessageFixture {
    /// The bytes that hexadecimal digits stand for.
    static func bytes(hexadecimal text: String) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(16 * digits[$0] + digits[$0 + 1]) }
    }

    /// All fields of a message.
    static func fields(_ message: [UInt8]) throws(WireError) -> [WireField] {
        var fields: [WireField] = []
        var reader = MessageReader(message[...])
        while let field = try reader.next() { fields.append(field) }
        return fields
    }

    /// Numbers of a list, in all fields of a number.
    static func unsigned(_ fields: [WireField], _ number: Int) throws(WireError) -> [UInt64] {
        var numbers: [UInt64] = []
        for field in fields where field.number == number { try field.eachUnsigned { numbers.append($0) } }
        return numbers
    }

    static func floats(_ fields: [WireField], _ number: Int) throws(WireError) -> [Float] {
        var numbers: [Float] = []
        for field in fields where field.number == number { try field.eachFloat { numbers.append($0) } }
        return numbers
    }

    static func doubles(_ fields: [WireField], _ number: Int) throws(WireError) -> [Double] {
        var numbers: [Double] = []
        for field in fields where field.number == number { try field.eachDouble { numbers.append($0) } }
        return numbers
    }
}
