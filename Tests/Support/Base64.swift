/// The bytes of a text in base64 with padding; nil if it is none.
package func bytes(ofBase64 text: String) -> [UInt8]? {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let text = Array(text.utf8)
    let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard text.count.isMultiple(of: 4), padding < 3 else { return nil }
    var bytes: [UInt8] = []
    var bits = (value: UInt32(0), count: 0)
    for digit in text.dropLast(padding) {
        guard let value = digits.firstIndex(of: digit) else { return nil }
        bits = (bits.value << 6 | UInt32(value), bits.count + 6)
        guard bits.count >= 8 else { continue }
        bits.count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits.value >> UInt32(bits.count)))
        bits.value &= 1 << UInt32(bits.count) - 1
    }
    // What is left of the last digit has to be zeros.
    return bits.value == 0 ? bytes : nil
}
