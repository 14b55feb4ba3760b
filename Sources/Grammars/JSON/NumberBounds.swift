import PenstockJSON

/// The bounds of the numbers that a grammar lets through.
struct NumberBounds: Sendable {
    /// A bound, and whether the number itself is within.
    struct Bound: Sendable {
        let isNegative: Bool
        let size: Decimal
        let isIncluded: Bool

        /// The same number with the other sign.
        var negated: Bound { Bound(isNegative: !isNegative, size: size, isIncluded: isIncluded) }

        /// - Parameter number: an integer or a finite number
        init?(_ number: JSONValue, isIncluded: Bool) {
            switch number {
            case .integer(let value): (size, isNegative) = (Decimal(value.magnitude), value < 0)
            case .double(let value) where value.isFinite:
                // The shortest digits of a large integer are not all of its digits.
                size = Int(exactly: value).map { Decimal($0.magnitude) } ?? Decimal(value)
                isNegative = value < 0
            default: return nil
            }
            self.isIncluded = isIncluded
        }

        private init(isNegative: Bool, size: Decimal, isIncluded: Bool) {
            (self.isNegative, self.size, self.isIncluded) = (isNegative, size, isIncluded)
        }

        /// Zero.
        static let zero = Bound(isNegative: false, size: .zero, isIncluded: true)
        /// The greatest number whose whole part has as many digits as a grammar writes.
        static let greatest = Bound(
            isNegative: false,
            size: Decimal(
                whole: Array(repeating: 9, count: NumberBounds.mostDigits),
                fraction: Array(repeating: 9, count: NumberBounds.mostFractionDigits)), isIncluded: true)
    }

    /// Digits in front of the point: those that 64 bits always hold.
    static let mostDigits = 18
    /// Digits behind the point: those that double precision tells apart.
    static let mostFractionDigits = 16
    /// Digits of an exponent.
    static let mostExponentDigits = 2

    /// Digits of a number at most that double precision tells from any other of as many digits.
    private static let mostExactDigits = 15

    /// Nil for none.
    var least: Bound?
    /// Nil for none.
    var most: Bound?

    /// Digits behind the point that numbers may have: so few, beside a bound that is not within, that no reader in double
    /// precision takes a number for the bound, and none beside one that double precision may not hold.
    var fractionDigits: Int {
        let strict = [least, most].compactMap { $0 }.filter {
            !$0.isIncluded || $0.size.whole.count > Self.mostExactDigits
        }
        return strict.reduce(Self.mostFractionDigits) { min($0, max(0, Self.mostExactDigits - $1.size.whole.count)) }
    }

    /// The bounds of the sizes of numbers of one sign; nil if there are no such numbers.
    func sizes(negative: Bool) -> (least: Bound, most: Bound)? {
        let (lower, upper) = negative ? (most?.negated, least?.negated) : (least, most)
        if let upper, upper.isNegative, !upper.size.isZero { return nil }
        let least = lower.flatMap { $0.isNegative && !$0.size.isZero ? nil : $0 } ?? .zero
        let most = upper.flatMap { $0.size < Bound.greatest.size ? $0 : nil } ?? .greatest
        return (least, most)
    }
}
