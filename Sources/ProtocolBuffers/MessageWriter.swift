/// A writer of a message. As in version 3 of the language, fields that have their default value are left out, unless
/// they are those of a choice.
package struct MessageWriter {
    /// The bytes that were written.
    package private(set) var bytes: [UInt8] = []

    /// An empty message.
    package init() {}

    private mutating func varint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func tag(_ field: Int, _ kind: UInt64) { varint(UInt64(truncatingIfNeeded: field) << 3 | kind) }

    /// Writes an unsigned number.
    ///
    /// - Parameter isChoice: whether it is written also if it is 0
    package mutating func unsigned(_ field: Int, _ number: UInt64, isChoice: Bool = false) {
        guard number != 0 || isChoice else { return }
        tag(field, 0)
        varint(number)
    }

    /// Writes a signed number as its 64 bits.
    package mutating func signed(_ field: Int, _ number: Int64, isChoice: Bool = false) {
        unsigned(field, UInt64(bitPattern: number), isChoice: isChoice)
    }

    /// Writes a truth value.
    package mutating func bool(_ field: Int, _ flag: Bool, isChoice: Bool = false) {
        unsigned(field, flag ? 1 : 0, isChoice: isChoice)
    }

    /// Writes a number of double precision.
    package mutating func double(_ field: Int, _ number: Double, isChoice: Bool = false) {
        guard number.bitPattern != 0 || isChoice else { return }
        tag(field, 1)
        little(number.bitPattern)
    }

    /// Writes a text.
    package mutating func text(_ field: Int, _ text: String, isChoice: Bool = false) {
        guard !text.isEmpty || isChoice else { return }
        element(field, text.utf8)
    }

    /// Writes bytes, also if there are none: an element of a list, a message, or a choice.
    package mutating func element(_ field: Int, _ content: some Collection<UInt8>) {
        tag(field, 2)
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Writes a message, also an empty one.
    package mutating func message(_ field: Int, _ write: (inout MessageWriter) -> Void) {
        var writer = MessageWriter()
        write(&writer)
        element(field, writer.bytes)
    }

    /// Writes a list of unsigned numbers as one field.
    package mutating func packed(_ field: Int, _ numbers: some Sequence<UInt64>) {
        var writer = MessageWriter()
        for number in numbers { writer.varint(number) }
        if !writer.bytes.isEmpty { element(field, writer.bytes) }
    }

    /// Writes a list of numbers of single precision as one field.
    package mutating func packed(_ field: Int, _ numbers: [Float]) {
        guard !numbers.isEmpty else { return }
        tag(field, 2)
        varint(UInt64(numbers.count) &* 4)
        for number in numbers { little(number.bitPattern) }
    }

    /// Writes a list of numbers of double precision as one field.
    package mutating func packed(_ field: Int, _ numbers: [Double]) {
        guard !numbers.isEmpty else { return }
        tag(field, 2)
        varint(UInt64(numbers.count) &* 8)
        for number in numbers { little(number.bitPattern) }
    }

    private mutating func little(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
