/// A cursor over bytes, which takes the parts of the wire format off their front.
///
/// The format is that of <https://protobuf.dev/programming-guides/encoding>.
struct WireCursor {
    let bytes: ArraySlice<UInt8>
    var place: Int

    init(_ bytes: ArraySlice<UInt8>) { (self.bytes, place) = (bytes, bytes.startIndex) }

    /// True if there are no more bytes.
    var isAtEnd: Bool { place == bytes.endIndex }

    /// Takes a number of 7 bits in each byte, the lowest first.
    mutating func varint() throws(WireError) -> UInt64 {
        var (number, shift): (UInt64, UInt64) = (0, 0)
        while place < bytes.endIndex {
            let byte = bytes[place]
            place += 1
            // Of the tenth byte a single bit fits.
            guard shift < 63 || byte <= 1 else { throw .overlongNumber }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw .truncated
    }

    /// Takes so many bytes.
    mutating func take(_ count: UInt64) throws(WireError) -> ArraySlice<UInt8> {
        guard let count = Int(exactly: count), count <= bytes.endIndex - place else { throw .truncated }
        let end = place + count
        defer { place = end }
        return bytes[place..<end]
    }

    /// Takes a number of as many bytes as its type has, the lowest first.
    mutating func fixed<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type) throws(WireError) -> Number {
        let size = Number.bitWidth / 8
        guard size <= bytes.endIndex - place else { throw .truncated }
        var number: Number = 0
        for index in 0..<size { number |= Number(truncatingIfNeeded: bytes[place + index]) << Number(8 * index) }
        place += size
        return number
    }
}
