extension JSONWriter {
    private static let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Writes bytes as a string in base64 with padding (RFC 4648, section 4).
    public mutating func base64(_ data: UnsafeRawBufferPointer) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "="), count: Self.base64Bytes(data.count)))
        bytes.withUnsafeMutableBufferPointer { Self.encode(data, into: $0, from: start) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The digits of so many bytes in base64, with the padding and without quotes.
    public static func base64Bytes(_ count: Int) -> Int { (count / 3 + (count.isMultiple(of: 3) ? 0 : 1)) * 4 }

    private static func encode(
        _ data: UnsafeRawBufferPointer, into text: UnsafeMutableBufferPointer<UInt8>, from start: Int
    ) {
        base64Digits.withUnsafeBufferPointer { digits in
            var position = start
            for group in stride(from: 0, to: data.count, by: 3) {
                let count = min(3, data.count - group)
                var bits: UInt32 = 0
                for index in 0..<3 { bits = bits << 8 | (index < count ? UInt32(data[group + index]) : 0) }
                // The digits that the last group lacks stay padding.
                for index in 0...count { text[position + index] = digits[Int(bits >> UInt32(18 - 6 * index) & 63)] }
                position += 4
            }
        }
    }
}
