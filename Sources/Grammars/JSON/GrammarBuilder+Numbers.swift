extension GrammarBuilder {
    /// Any number of JSON, of so many digits that it is finite.
    mutating func number(then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        let exponentDigits = try digits(1...NumberBounds.mostExponentDigits, then: next)
        let sign = try either(byte(ByteSet("+-"), then: exponentDigits), exponentDigits)
        let exponent = try either(byte(ByteSet("eE"), then: sign), next)
        let fractionDigits = try digits(1...NumberBounds.mostFractionDigits, then: exponent)
        return try signed(whole(then: either(byte(UInt8(ascii: "."), then: fractionDigits), exponent)))
    }

    /// Any integer.
    mutating func integer(then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        let digits = try self.digits(0...NumberBounds.mostDigits - 1, then: next)
        let positive = try byte(.digitsButZero, then: digits)
        return try either(byte(UInt8(ascii: "0"), then: next), signed(positive))
    }

    /// A number within bounds, without an exponent.
    ///
    /// - Parameters:
    ///   - fractionDigits: digits behind the point at most; 0 for integers
    ///   - divisor: what the number is a multiple of; above 1 for integers alone
    mutating func number(
        _ bounds: NumberBounds, fractionDigits: Int, divisor: Int, then next: GrammarPlace
    ) throws(GrammarError) -> GrammarPlace {
        var place = Self.never
        if let sizes = bounds.sizes(negative: false) {
            var digits = BoundedDigits(sizes, fractionDigits: fractionDigits, divisor: divisor, next: next)
            place = try digits.emit(into: &self)
        }
        if let sizes = bounds.sizes(negative: true) {
            var digits = BoundedDigits(
                sizes, fractionDigits: fractionDigits, divisor: divisor, next: next, withoutZero: fractionDigits == 0)
            place = try either(place, byte(UInt8(ascii: "-"), then: digits.emit(into: &self)))
        }
        return place
    }

    private mutating func signed(_ number: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        try either(byte(UInt8(ascii: "-"), then: number), number)
    }

    private mutating func whole(then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        let digits = try self.digits(0...NumberBounds.mostDigits - 1, then: next)
        return try either(byte(UInt8(ascii: "0"), then: next), byte(.digitsButZero, then: digits))
    }

    /// As many digits as a range says.
    private mutating func digits(
        _ count: ClosedRange<Int>, then next: GrammarPlace
    ) throws(GrammarError) -> GrammarPlace {
        var place = next
        for index in (0..<count.upperBound).reversed() {
            place = try byte(.digits, then: place)
            if index >= count.lowerBound { place = try either(place, next) }
        }
        return place
    }
}

/// The digits of numbers between two sizes, as places of a grammar.
private struct BoundedDigits {
    /// A place within a number: what was written decides what may follow.
    private struct Place: Hashable {
        /// Digits that were written, those behind the point included.
        var position: Int
        /// Digits in front of the point in all, if the number is as long as a bound; else those that may still come.
        var length: Int
        /// True if all digits were those of the least size.
        var isLeast: Bool
        /// True if all digits were those of the greatest size.
        var isMost: Bool
        /// The remainder by the divisor.
        var remainder: Int
        /// True behind the point.
        var isFraction = false
    }

    private let least: NumberBounds.Bound
    private let most: NumberBounds.Bound
    private let fractionDigits: Int
    private let divisor: Int
    private let next: GrammarPlace
    private let withoutZero: Bool
    private var places: [Place: GrammarPlace] = [:]

    init(
        _ sizes: (least: NumberBounds.Bound, most: NumberBounds.Bound), fractionDigits: Int, divisor: Int,
        next: GrammarPlace, withoutZero: Bool = false
    ) {
        (least, most) = sizes
        (self.fractionDigits, self.divisor, self.next) = (fractionDigits, divisor, next)
        self.withoutZero = withoutZero
    }

    mutating func emit(into builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace {
        let (shortest, longest) = (least.size.writtenWhole.count, most.size.writtenWhole.count)
        guard shortest <= longest else { return GrammarBuilder.never }
        var result = GrammarBuilder.never
        for length in shortest...longest {
            let place = Place(
                position: 0, length: length, isLeast: length == shortest, isMost: length == longest, remainder: 0)
            result = try builder.either(result, self.place(place, &builder))
        }
        return result
    }

    /// The recursion is as deep as numbers have digits.
    private mutating func place(_ place: Place, _ builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace {
        var place = place
        if !place.isLeast, !place.isMost, !place.isFraction, (1..<Int.max).contains(place.position) {
            // Only how many digits are left counts now.
            (place.length, place.position) = (place.length - place.position, Int.max)
        }
        if let known = places[place] { return known }
        var result = try end(place, &builder)
        if place.isFraction || left(place) > 0 {
            for (digits, following) in continuations(of: place) {
                result = try builder.either(result, builder.byte(digits, then: self.place(following, &builder)))
            }
        }
        places[place] = result
        return result
    }

    /// Digits that have to come in front of the point.
    private func left(_ place: Place) -> Int {
        place.position == Int.max ? place.length : place.length - place.position
    }

    /// The place behind the last digit: the end, or the point.
    private mutating func end(_ place: Place, _ builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace {
        guard place.isFraction || left(place) == 0 else { return GrammarBuilder.never }
        var result = GrammarBuilder.never
        if mayEnd(place), !place.isFraction || place.position > 0 { result = next }
        guard !place.isFraction, fractionDigits > 0 else { return result }
        var fraction = place
        (fraction.isFraction, fraction.position, fraction.length) = (true, 0, 0)
        return try builder.either(
            result, builder.byte(UInt8(ascii: "."), then: self.place(fraction, &builder)))
    }

    private func mayEnd(_ place: Place) -> Bool {
        let written = place.isFraction ? place.position : 0
        if place.remainder != 0 { return false }
        if place.isLeast {
            // The rest of the number is zeros: it is the least size, or below it.
            let rest = least.size.fraction.dropFirst(written).contains { $0 != 0 }
            if rest || !least.isIncluded || (withoutZero && least.size.isZero) { return false }
        }
        if place.isMost, !most.isIncluded { return most.size.fraction.dropFirst(written).contains { $0 != 0 } }
        return true
    }

    private func continuations(of place: Place) -> [(digits: ByteSet, place: Place)] {
        guard !place.isFraction || place.position < fractionDigits else { return [] }
        func digit(of size: Decimal) -> Int {
            let digits = place.isFraction ? size.fraction : size.writtenWhole
            return digits.indices.contains(place.position) ? Int(digits[place.position]) : 0
        }
        let isFirst = !place.isFraction && place.position == 0
        let first = max(place.isLeast ? digit(of: least.size) : 0, isFirst && place.length > 1 ? 1 : 0)
        let last = place.isMost ? digit(of: most.size) : 9
        guard first <= last else { return [] }
        var groups: [(digits: ByteSet, place: Place)] = []
        for value in first...last {
            var following = place
            following.isLeast = place.isLeast && value == digit(of: least.size)
            following.isMost = place.isMost && value == digit(of: most.size)
            if !place.isFraction { following.remainder = (place.remainder * 10 + value) % divisor }
            if place.position == Int.max { following.length -= 1 } else { following.position += 1 }
            let character = UInt8(ascii: "0") + UInt8(value)
            if let known = groups.firstIndex(where: { $0.place == following }) {
                groups[known].digits.insert(character)
            } else {
                groups.append((ByteSet(CollectionOfOne(character)), following))
            }
        }
        return groups
    }
}
