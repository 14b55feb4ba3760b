/// The decimal notation of Python's `repr(float)`.
enum ShortestDouble {
    /// Appends the shortest digits that read back as `value`: positional for exponents from -4 to 15, scientific with
    /// at least two exponent digits outside. (CPython `float_repr_style` "short", format code `r`.)
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        precondition(value.isFinite, "JSON has no notation for \(value)")
        var (digits, exponent) = shortestDigits(value.magnitude)
        if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
        let zero = UInt8(ascii: "0")
        let point = UInt8(ascii: ".")
        switch exponent {
        case 0..<16:
            let integral = exponent + 1
            while digits.count < integral + 1 { digits.append(zero) }
            bytes.append(contentsOf: digits[..<integral])
            bytes.append(point)
            bytes.append(contentsOf: digits[integral...])
        case -4..<0:
            bytes.append(zero)
            bytes.append(point)
            bytes.append(contentsOf: repeatElement(zero, count: -exponent - 1))
            bytes.append(contentsOf: digits)
        default:
            bytes.append(digits[0])
            if digits.count > 1 {
                bytes.append(point)
                bytes.append(contentsOf: digits[1...])
            }
            bytes.append(UInt8(ascii: "e"))
            bytes.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
            if exponent.magnitude < 10 { bytes.append(zero) }
            bytes.append(contentsOf: String(exponent.magnitude).utf8)
        }
    }

    /// The significant digits d₀d₁… and the exponent e of a non-negative value = d₀.d₁… × 10^e.
    ///
    /// Swift's own `description` finds the shortest digits; only its notation differs from Python's.
    private static func shortestDigits(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        digits.reserveCapacity(24)
        var pointPosition: Int?
        var writtenExponent = 0
        var text = value.description
        text.withUTF8 { characters in
            for (index, character) in characters.enumerated() {
                switch character {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(character)
                case UInt8(ascii: "."): pointPosition = digits.count
                default:
                    writtenExponent = Int(String(decoding: characters[(index + 1)...], as: UTF8.self)) ?? 0
                    return
                }
            }
        }
        let leadingZeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        guard leadingZeros < digits.count else { return ([UInt8(ascii: "0")], 0) }
        let exponent = writtenExponent + (pointPosition ?? digits.count) - leadingZeros - 1
        digits.removeFirst(leadingZeros)
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, exponent)
    }
}
