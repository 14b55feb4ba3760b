extension RegexParser {
    /// The set of a class, behind its `[`.
    mutating func characterClass() throws(GrammarError) -> ScalarSet {
        let isInverted = take("^")
        guard next != "]" else { throw error("a class is empty") }
        var ranges: [ClosedRange<UInt32>] = []
        while !take("]") {
            let (first, isScalar) = try classMember()
            // A - at the end of a class is itself, and so is one beside a set.
            guard isScalar, isRange, let lower = first.ranges.first?.lowerBound else {
                ranges += first.ranges
                continue
            }
            _ = take("-")
            let (last, isLastScalar) = try classMember()
            guard isLastScalar, let upper = last.ranges.first?.lowerBound else {
                throw error("a range of a class ends with a set")
            }
            guard lower <= upper else { throw error("a range of a class is out of order") }
            ranges.append(lower...upper)
        }
        let set = ScalarSet(ranges)
        return isInverted ? set.inverted : set
    }

    /// True if a range goes on here.
    private var isRange: Bool {
        var copy = self
        return copy.take("-") && copy.next != nil && copy.next != "]"
    }

    private mutating func classMember() throws(GrammarError) -> (set: ScalarSet, isScalar: Bool) {
        let scalar = try takeAny("the end of a class")
        guard scalar == "\\" else { return (ScalarSet(scalar), true) }
        let isSet = next.map { "dDwWsS".unicodeScalars.contains($0) } ?? false
        return (try escape(inClass: true), !isSet)
    }

    /// The set of an escape, behind its backslash.
    mutating func escape(inClass: Bool) throws(GrammarError) -> ScalarSet {
        let scalar = try takeAny("an escape")
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .words
        case "W": return ScalarSet.words.inverted
        case "s": return .spaces
        case "S": return ScalarSet.spaces.inverted
        case "t": return ScalarSet("\t")
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "f": return ScalarSet("\u{0C}")
        case "v": return ScalarSet("\u{0B}")
        case "b" where inClass: return ScalarSet("\u{08}")
        case "b", "B": throw unsupported("the boundary of a word, \\\(scalar)")
        case "A", "Z", "z": throw unsupported("the anchor \\\(scalar)")
        case "p", "P": throw unsupported("a Unicode property, \\\(scalar)")
        case "k", "1"..."9": throw unsupported("a backreference, \\\(scalar)")
        case "0": return ScalarSet("\0")
        case "x": return try hexadecimal(digits: 2)
        case "u": return try hexadecimal(digits: 4)
        default:
            guard !scalar.properties.isAlphabetic, scalar.isASCII || !inClass else {
                throw unsupported("the escape \\\(scalar)")
            }
            return ScalarSet(scalar)
        }
    }

    /// The scalar of an escape of hexadecimal digits: of a fixed number, or as many as are in braces.
    private mutating func hexadecimal(digits: Int) throws(GrammarError) -> ScalarSet {
        var text = ""
        if take("{") {
            while !take("}") { text.unicodeScalars.append(try takeAny("the end of an escape")) }
        } else {
            for _ in 0..<digits { text.unicodeScalars.append(try takeAny("the digits of an escape")) }
        }
        guard text.utf8.count <= 8, text.utf8.allSatisfy(ByteSet.hexadecimal.contains),
            let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
        else {
            throw error("an escape stands for no character")
        }
        return ScalarSet(scalar)
    }
}
