/// The size of a number in decimal digits, without its sign.
struct Decimal: Equatable, Sendable {
    /// The digits in front of the point, without leading zeros; none for a number below 1.
    let whole: [UInt8]
    /// The digits behind the point, without trailing zeros.
    let fraction: [UInt8]

    init(whole: [UInt8], fraction: [UInt8] = []) {
        self.whole = Array(whole.drop { $0 == 0 })
        self.fraction = Array(fraction.reversed().drop { $0 == 0 }.reversed())
    }

    /// The digits of an integer's size.
    init(_ magnitude: UInt) { self.init(whole: "\(magnitude)".utf8.map { $0 - UInt8(ascii: "0") }) }

    /// The shortest digits that read back as a finite number's size.
    init(_ magnitude: Double) {
        var (digits, point, exponent) = ([UInt8](), Int?.none, 0)
        let text = magnitude.magnitude.description
        for (index, character) in text.enumerated() {
            if character == "." { point = digits.count }
            if let digit = character.wholeNumberValue { digits.append(UInt8(digit)) }
            if character == "e" || character == "E" {
                exponent = Int(text.dropFirst(index + 1)) ?? 0
                break
            }
        }
        // Doubles have exponents of three digits at most.
        let places = (point ?? digits.count) + exponent
        let padded =
            places < 0
            ? Array(repeating: 0, count: -places) + digits
            : digits + Array(repeating: 0, count: max(0, places - digits.count))
        let cut = max(0, places)
        self.init(whole: Array(padded[..<cut]), fraction: Array(padded[cut...]))
    }

    static let zero = Decimal(whole: [])

    var isZero: Bool { whole.isEmpty && fraction.isEmpty }

    /// The digits in front of the point as they are written.
    var writtenWhole: [UInt8] { whole.isEmpty ? [0] : whole }

    static func < (first: Decimal, second: Decimal) -> Bool {
        if first.whole.count != second.whole.count { return first.whole.count < second.whole.count }
        let (one, two) = (first.whole + first.fraction, second.whole + second.fraction)
        return one.lexicographicallyPrecedes(two)
    }
}
