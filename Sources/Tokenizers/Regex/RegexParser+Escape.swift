extension RegexParser {
    /// Reads what follows a backslash outside of a class.
    mutating func parseEscape(_ options: Options) throws(RegexError) -> RegexNode {
        let scalar = try next()
        if let set = try characterType(scalar, word: UnicodeProperty.word) { return .set(set) }
        switch scalar {
        case "A": return .anchor(.startOfText)
        case "z": return .anchor(.endOfText)
        case "Z": return .anchor(.endOfTextOrLastNewline)
        case "b": return .anchor(.wordBoundary)
        case "B": return .anchor(.noWordBoundary)
        case "N": return .set(Self.anyScalar(false))
        case "O": return .set(Self.anyScalar(true))
        case "R":
            let newlines = ScalarExpression.ranges([0xA...0xD, 0x85...0x85, 0x2028...0x2029])
            return .atomic(.alternation([.sequence([.scalar("\r"), .scalar("\n")]), .set(newlines)]))
        case "X", "y", "Y", "K", "G", "k", "g", "Q", "E": throw unsupported("\\\(scalar)")
        case "1"..."9":
            // One digit refers to a group; more may be the octal number of a character.
            guard scalar < "8", let second = peek(), case "0"..."7" = second else {
                throw unsupported("a reference to a group")
            }
        default: break
        }
        return Self.literal(try parseEscapedScalar(scalar), options)
    }

    /// The set that an escape like `\w` or `\p{L}` stands for, whose letter is read already; nil for other escapes.
    ///
    /// - Parameter word: what `\w` stands for here.
    mutating func characterType(
        _ letter: Unicode.Scalar, word: ScalarExpression
    ) throws(RegexError) -> ScalarExpression? {
        switch letter {
        case "w": return word
        case "W": return .complement(word)
        case "d": return UnicodeProperty.digit
        case "D": return .complement(UnicodeProperty.digit)
        case "s": return UnicodeProperty.space
        case "S": return .complement(UnicodeProperty.space)
        case "h": return UnicodeProperty.hexDigit
        case "H": return .complement(UnicodeProperty.hexDigit)
        case "p" where skip("{"), "P" where skip("{"):
            let isNegative = (letter == "P") != skip("^")
            let name = try read(until: "}")
            if UnicodeProperty.normalize(name) == "word" { return isNegative ? .complement(word) : word }
            guard let set = UnicodeProperty.scalars(named: name) else {
                throw unsupported("the property \"\(name)\"")
            }
            return isNegative ? .complement(set) : set
        default: return nil
        }
    }

    /// The one scalar that an escape stands for, whose first letter is read already.
    mutating func parseEscapedScalar(_ letter: Unicode.Scalar) throws(RegexError) -> Unicode.Scalar {
        switch letter {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "f": return "\u{C}"
        case "v": return "\u{B}"
        case "a": return "\u{7}"
        case "e": return "\u{1B}"
        case "x" where peek() == "{" && peek(1)?.properties.isASCIIHexDigit == true:
            position(after: 1)
            let value = try readDigits(of: 16, atMost: 8)
            guard skip("}") else { throw unsupported("a sequence of code points") }
            return try scalar(value)
        case "o" where peek() == "{":
            position(after: 1)
            let value = try readDigits(of: 8, atMost: 11)
            guard skip("}") else { throw unsupported("a sequence of code points") }
            return try scalar(value)
        case "u":
            let start = position
            let value = try readDigits(of: 16, atMost: 4)
            guard position == start + 4 else { throw malformed("\\u needs four digits") }
            return try scalar(value)
        case "x" where peek() != nil: return try parseBytes(first: try readDigits(of: 16, atMost: 2), radix: 16)
        case "0"..."7":
            back()
            return try parseBytes(first: try readDigits(of: 8, atMost: 3), radix: 8)
        case "c", "C", "M": throw unsupported("\\\(letter)")
        default: return letter
        }
    }

    /// The scalar whose UTF-8 is written byte by byte: `\xC3\xA9`.
    private mutating func parseBytes(first: UInt32, radix: Int) throws(RegexError) -> Unicode.Scalar {
        var bytes = [UInt8(truncatingIfNeeded: first)]
        guard first <= 0xFF else { throw malformed("too big a byte") }
        let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        while bytes.count < length {
            guard skip("\\"), radix == 8 || skip("x") else { throw malformed("half a character") }
            bytes.append(UInt8(truncatingIfNeeded: try readDigits(of: radix, atMost: radix == 8 ? 3 : 2)))
        }
        guard let scalar = String(validating: bytes, as: UTF8.self)?.unicodeScalars.first else {
            throw malformed("bytes that are no character")
        }
        return scalar
    }

    private mutating func position(after count: Int) { for _ in 0..<count { _ = try? next() } }

    private mutating func readDigits(of radix: Int, atMost count: Int) throws(RegexError) -> UInt32 {
        var value: UInt64 = 0
        for _ in 0..<count {
            guard let digit = peek().flatMap({ Character($0).hexDigitValue }), digit < radix else { break }
            value = value * UInt64(radix) + UInt64(digit)
            position(after: 1)
        }
        guard let small = UInt32(exactly: value) else { throw malformed("too big a code point") }
        return small
    }

    private func scalar(_ value: UInt32) throws(RegexError) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else { throw malformed("a code point that is none") }
        return scalar
    }
}
