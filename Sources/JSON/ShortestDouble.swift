/// The decimal notation of Python's `repr(float)`: the shortest digits that read back as the same double, positional for
/// decimal exponents from -4 to 15 and scientific outside.
///
/// The digits are found by Schubfach (R. Giulietti, "The Schubfach way to render doubles", 2020): three products of the
/// significand and its neighbours with a power of ten, no loop and no big integers.
enum ShortestDouble {
    /// Appends the notation of a finite number.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        precondition(value.isFinite, "JSON has no notation for \(value)")
        if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
        guard value != 0 else { return bytes.append(contentsOf: "0.0".utf8) }
        let (digits, exponent) = shortest(value)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            let start = write(digits, endingAt: buffer)
            var end = buffer.count
            while end - start > 1, buffer[end - 1] == zero { end -= 1 }
            let digits = UnsafeBufferPointer(rebasing: buffer[start..<end])
            notate(digits, exponent: exponent + buffer.count - start - 1, to: &bytes)
        }
    }

    private static let zero = UInt8(ascii: "0")

    /// Writes decimal digits to the end of a buffer. Returns where they start.
    private static func write(_ digits: UInt64, endingAt buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var rest = digits
        var position = buffer.count
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            position -= 1
            buffer[position] = zero + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
        return position
    }

    /// Appends d₀.d₁d₂… × 10^exponent.
    private static func notate(_ digits: UnsafeBufferPointer<UInt8>, exponent: Int, to bytes: inout [UInt8]) {
        let point = UInt8(ascii: ".")
        switch exponent {
        case 0..<16 where digits.count <= exponent + 1:
            bytes.append(contentsOf: digits)
            bytes.append(contentsOf: repeatElement(zero, count: exponent + 1 - digits.count))
            bytes.append(contentsOf: ".0".utf8)
        case 0..<16:
            bytes.append(contentsOf: digits[...exponent])
            bytes.append(point)
            bytes.append(contentsOf: digits[(exponent + 1)...])
        case -4..<0:
            bytes.append(zero)
            bytes.append(point)
            for _ in exponent ..< -1 { bytes.append(zero) }
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
            bytes.append(contentsOf: exponent.magnitude.description.utf8)
        }
    }

    /// digits × 10^exponent, the shortest that round to the magnitude of a number other than 0, and of those the closest
    /// to it. May end in zeros.
    private static func shortest(_ value: Double) -> (digits: UInt64, exponent: Int) {
        let fraction = value.significandBitPattern
        let biased = Int(value.exponentBitPattern)
        let significand = biased == 0 ? fraction : fraction | 1 << 52
        let power = max(biased, 1) - 1075
        let isEven = significand.isMultiple(of: 2)
        // Below a power of two the doubles lie closer than above.
        let isLowerCloser = fraction == 0 && biased > 1

        // ⌊log₁₀ 2^power⌋, or of ¾·2^power, and ⌊log₂ 10^-exponent⌋
        let exponent = (power * 1_262_611 - (isLowerCloser ? 524_031 : 0)) >> 22
        let shift = UInt64(power + ((-exponent * 1_741_647) >> 19) + 1)
        let ten = PowersOfTen.all[-exponent]
        // Four times the number and the ends of the interval that rounds to it, in units of 10^exponent.
        let lowest = roundedToOdd(ten, (4 * significand - (isLowerCloser ? 1 : 2)) << shift) + (isEven ? 0 : 1)
        let exact = roundedToOdd(ten, 4 * significand << shift)
        let highest = roundedToOdd(ten, (4 * significand + 2) << shift) - (isEven ? 0 : 1)

        let digits = exact / 4
        if digits >= 10 {
            let shorter = digits / 10
            let isLowInside = lowest <= 40 * shorter
            let isHighInside = 40 * shorter + 40 <= highest
            if isLowInside != isHighInside { return (shorter + (isHighInside ? 1 : 0), exponent + 1) }
        }
        let isLowInside = lowest <= 4 * digits
        let isHighInside = 4 * digits + 4 <= highest
        if isLowInside != isHighInside { return (digits + (isHighInside ? 1 : 0), exponent) }
        let middle = 4 * digits + 2
        let roundsUp = exact > middle || (exact == middle && !digits.isMultiple(of: 2))
        return (digits + (roundsUp ? 1 : 0), exponent)
    }

    /// ⌊g·x / 2^128⌋, its lowest bit set if the division leaves a remainder that matters.
    private static func roundedToOdd(_ g: PowersOfTen.Significand, _ x: UInt64) -> UInt64 {
        let carried = g.low.multipliedFullWidth(by: x).high
        let (high, low) = g.high.multipliedFullWidth(by: x)
        let (sum, overflow) = low.addingReportingOverflow(carried)
        return high + (overflow ? 1 : 0) | (sum > 1 ? 1 : 0)
    }
}
