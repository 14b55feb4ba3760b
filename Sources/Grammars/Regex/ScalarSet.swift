/// A set of Unicode scalars.
struct ScalarSet: Hashable, Sendable {
    /// Ranges in ascending order, none of which touches the next. None contains a surrogate.
    private(set) var ranges: [ClosedRange<UInt32>]

    private static let surrogates: ClosedRange<UInt32> = 0xD800...0xDFFF
    private static let last: UInt32 = 0x10FFFF

    init(_ ranges: [ClosedRange<UInt32>] = []) {
        self.ranges = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            append(range.lowerBound, min(range.upperBound, Self.surrogates.lowerBound - 1))
            append(max(range.lowerBound, Self.surrogates.upperBound + 1), min(range.upperBound, Self.last))
        }
    }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    init(_ scalars: some StringProtocol) { self.init(scalars.unicodeScalars.map { $0.value...$0.value }) }

    /// All scalars.
    static let all = ScalarSet([0...last])

    private mutating func append(_ lower: UInt32, _ upper: UInt32) {
        guard lower <= upper else { return }
        if let last = ranges.last, lower <= last.upperBound + 1 {
            ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, upper)
            return
        }
        ranges.append(lower...upper)
    }

    var isEmpty: Bool { ranges.isEmpty }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        // The last range that begins no later than the scalar.
        var (lower, upper) = (0, ranges.count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if ranges[middle].lowerBound <= scalar.value { lower = middle + 1 } else { upper = middle }
        }
        return lower > 0 && ranges[lower - 1].upperBound >= scalar.value
    }

    /// The scalars that are not in the set.
    var inverted: ScalarSet {
        var (result, start) = ([ClosedRange<UInt32>](), UInt32(0))
        for range in ranges {
            if start < range.lowerBound { result.append(start...range.lowerBound - 1) }
            start = range.upperBound + 1
        }
        if start <= Self.last { result.append(start...Self.last) }
        return ScalarSet(result)
    }

    func intersection(_ other: ScalarSet) -> ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var (rest, others) = (ranges[...], other.ranges[...])
        while let first = rest.first, let second = others.first {
            if first.overlaps(second) { result.append(first.clamped(to: second)) }
            if first.upperBound < second.upperBound { rest.removeFirst() } else { others.removeFirst() }
        }
        return ScalarSet(result)
    }

    func subtracting(_ other: ScalarSet) -> ScalarSet { intersection(other.inverted) }
}

extension ScalarSet {
    /// `\d`: the digits of ASCII, as in ECMA-262
    static let digits = ScalarSet([0x30...0x39])
    /// `\w`: letters and digits of ASCII, and `_`
    static let words = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// `\s`: the white space of ECMA-262
    static let spaces = ScalarSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    /// The scalars that end lines in ECMA-262, which `.` does not match.
    static let lineEnds = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
    /// The scalars that a string of JSON has to escape.
    static let escaped = ScalarSet([0x00...0x1F, 0x22...0x22, 0x5C...0x5C])
}
