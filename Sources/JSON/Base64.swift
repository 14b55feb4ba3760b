/// The bytes of a text in base64 with padding (RFC 4648, section 4); nil if it is none.
package func bytes(ofBase64 text: String) -> [UInt8]? {
    let text = Array(text.utf8)
    let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard text.count.isMultiple(of: 4), padding < 3 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var bits = (value: UInt32(0), count: 0)
    for digit in text.dropLast(padding) {
        guard let value = value(ofBase64Digit: digit) else { return nil }
        bits = (bits.value << 6 | value, bits.count + 6)
        guard bits.count >= 8 else { continue }
        bits.count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits.value >> UInt32(bits.count)))
        bits.value &= 1 << UInt32(bits.count) - 1
    }
    // The bits that are left of the last digit have to be zeros.
    return bits.value == 0 ? bytes : nil
}

private func value(ofBase64Digit digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
