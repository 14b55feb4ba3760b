/// The spelling of scalars in the text.
enum ScalarSpelling: Hashable, Sendable {
    /// Their UTF-8.
    case raw
    /// Within a string of JSON: escaped where they have to be, else their UTF-8.
    case inString
}

/// A rule for one scalar of a set.
struct ScalarRule: Hashable {
    let set: ScalarSet
    let spelling: ScalarSpelling
}

extension GrammarBuilder {
    /// One scalar of a set.
    mutating func scalar(
        of set: ScalarSet, _ spelling: ScalarSpelling, then next: GrammarPlace
    ) throws(GrammarError) -> GrammarPlace {
        guard !set.isEmpty, next != Self.never else { return Self.never }
        rangesLeft -= set.ranges.count
        guard rangesLeft >= 0 else { throw GrammarError("it is too large: its classes have too many ranges") }
        let escaped = spelling == .inString ? set.intersection(.escaped) : ScalarSet()
        // A single byte needs no rule.
        if escaped.isEmpty, let last = set.ranges.last, last.upperBound < 0x80 {
            return try byte(ByteSet(set.ranges.flatMap { $0.map { UInt8($0) } }), then: next)
        }
        let key = ScalarRule(set: set, spelling: spelling)
        if let rule = scalarRules[key] { return try call(rule, then: next) }
        var rule = try utf8(of: set.subtracting(escaped))
        for scalar in escaped.ranges.joined() { rule = try either(rule, escape(UInt8(scalar))) }
        scalarRules[key] = rule
        return try call(rule, then: next)
    }

    /// The escape of a byte, as a rule: the short one if there is one.
    private mutating func escape(_ byte: UInt8) throws(GrammarError) -> GrammarPlace {
        let short: [UInt8: Character] = [0x08: "b", 0x09: "t", 0x0A: "n", 0x0C: "f", 0x0D: "r", 0x22: "\"", 0x5C: "\\"]
        if let letter = short[byte] { return try literal("\\\(letter)", then: Self.end) }
        let digits = ["0123456789abcdef", "0123456789ABCDEF"].map { Array($0.utf8)[Int(byte & 15)] }
        let last = try self.byte(ByteSet(digits), then: Self.end)
        return try literal("\\u00\(byte >> 4)", then: last)
    }

    // MARK: UTF-8

    /// One scalar of a set in UTF-8, as a rule.
    private mutating func utf8(of set: ScalarSet) throws(GrammarError) -> GrammarPlace {
        var ascii = ByteSet()
        var place = Self.never
        for range in set.ranges {
            for bytes in Self.sequences(of: range) {
                guard bytes.count > 1 else {
                    for byte in bytes[0] { ascii.insert(byte) }
                    continue
                }
                var tail = Self.end
                for bounds in bytes.reversed() { tail = try byte(ByteSet(bounds), then: tail) }
                place = try either(place, tail)
            }
        }
        return try either(byte(ascii, then: Self.end), place)
    }

    /// The sequences of ranges of bytes that make up the UTF-8 of a range of scalars.
    private static func sequences(of range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        // Scalars of one length, and within it those that share their last bytes' whole ranges, are one sequence.
        for length in [0x7F, 0x7FF, 0xFFFF] as [UInt32] where range.contains(length) && range.upperBound > length {
            return sequences(of: range.lowerBound...length) + sequences(of: length + 1...range.upperBound)
        }
        guard range.upperBound > 0x7F else { return [[UInt8(range.lowerBound)...UInt8(range.upperBound)]] }
        for bits in [6, 12, 18] as [UInt32] {
            let mask = UInt32(1) << bits - 1
            guard range.lowerBound & ~mask != range.upperBound & ~mask else { continue }
            if range.lowerBound & mask != 0 {
                let middle = range.lowerBound | mask
                return sequences(of: range.lowerBound...middle) + sequences(of: middle + 1...range.upperBound)
            }
            if range.upperBound & mask != mask {
                let middle = range.upperBound & ~mask
                return sequences(of: range.lowerBound...middle - 1) + sequences(of: middle...range.upperBound)
            }
        }
        let (first, last) = (utf8(range.lowerBound), utf8(range.upperBound))
        return [zip(first, last).map { $0...$1 }]
    }

    private static func utf8(_ scalar: UInt32) -> [UInt8] {
        Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? []
    }
}
