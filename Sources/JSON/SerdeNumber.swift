/// A number as `serde_json` 1.0 reads it without `float_roundtrip`: the digits go into 64 bits as long as they fit, and
/// that is multiplied or divided by a power of ten, once if the power is of double precision. (`de.rs`: `parse_integer`,
/// `parse_long_integer`, `parse_decimal`, `parse_exponent`, `f64_from_parts`.)
struct SerdeNumber {
    /// The number; nil if it is too large.
    private(set) var value: Double?

    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var significand: UInt64 = 0
    /// Of ten.
    private var exponent = 0

    /// - Parameter text: a number of the form of RFC 8259.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        let isNegative = take(UInt8(ascii: "-"))
        while let digit, append(digit) { position += 1 }
        while digit != nil {
            exponent += 1
            position += 1
        }
        if take(UInt8(ascii: ".")) {
            while let digit, append(digit) {
                exponent -= 1
                position += 1
            }
            while digit != nil { position += 1 }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) { takeExponent() }
        value = scaled().map { isNegative ? -$0 : $0 }
    }

    private var digit: UInt64? {
        guard position < text.count else { return nil }
        let digit = text[position] &- UInt8(ascii: "0")
        return digit < 10 ? UInt64(digit) : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    /// Appends a digit if the significand still fits.
    private mutating func append(_ digit: UInt64) -> Bool {
        let (product, overflow) = significand.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(digit)
        guard !overflow, !carry else { return false }
        significand = sum
        return true
    }

    private mutating func takeExponent() {
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        var number = 0
        while let digit {
            // Far beyond what any text can make up for.
            number = min(number * 10 + Int(digit), Int(Int32.max))
            position += 1
        }
        exponent += isNegative ? -number : number
    }

    private func scaled() -> Double? {
        var number = Double(significand)
        var exponent = exponent
        while exponent < -308 {
            if number == 0 { return number }
            number /= 1e308
            exponent += 308
        }
        if exponent < 0 { return number / Self.powers[-exponent] }
        if number == 0 { return number }
        guard exponent <= 308 else { return nil }
        number *= Self.powers[exponent]
        return number.isFinite ? number : nil
    }

    /// The powers of ten of double precision, from 10^0.
    private static let powers = (0...308).map { Double("1e\($0)") ?? .infinity }
}
