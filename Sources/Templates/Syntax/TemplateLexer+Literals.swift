extension TemplateLexer {
    // MARK: Numbers

    /// Reads an integer, decimal or behind `0x`, `0o` or `0b`, or a decimal number with a fraction or an exponent.
    mutating func readNumber() throws(TemplateError) {
        let start = offset
        if source[start] == "0", let radix = scalar(start + 1).flatMap(Self.radix) {
            let digits = Self.digits(radix)
            offset += 2
            let isRead = scalar(offset) == "_" ? digits(scalar(offset + 1)) : digits(scalar(offset))
            if isRead {
                if scalar(offset) == "_" { offset += 1 }
                skipDigits(digits)
                return try addInteger(start, String(string(start + 2..<offset)), radix: radix)
            }
            offset = start
        }
        skipDigits(Self.digits(10))
        var isInteger = true
        // Behind a dot a number is an index: `a.0.1`.
        if start == 0 || source[start - 1] != "." {
            if scalar(offset) == ".", scalar(offset + 1)?.isASCIIDigit == true {
                isInteger = false
                offset += 1
                skipDigits(Self.digits(10))
            }
            if scalar(offset) == "e" || scalar(offset) == "E" {
                let sign = scalar(offset + 1) == "+" || scalar(offset + 1) == "-" ? 1 : 0
                if scalar(offset + 1 + sign)?.isASCIIDigit == true {
                    isInteger = false
                    offset += 1 + sign
                    skipDigits(Self.digits(10))
                }
            }
        }
        let text = string(start..<offset).filter { $0 != "_" }
        if isInteger {
            // A number does not begin with 0, unless it is 0.
            if source[start] == "0", let other = text.firstIndex(where: { $0 != "0" }) {
                offset = start + text.distance(from: text.startIndex, to: other)
                return add(.integer(0), at: start)
            }
            return try addInteger(start, text, radix: 10)
        }
        guard let value = Double(text) else { throw error("'\(text)' is no number", at: start) }
        add(.double(value), at: start)
    }

    private mutating func addInteger(_ start: Int, _ digits: String, radix: Int) throws(TemplateError) {
        guard let value = Int(digits.filter { $0 != "_" }, radix: radix) else {
            throw error("the integer \(string(start..<offset).prefix(40)) does not fit 64 bits", at: start)
        }
        add(.integer(value), at: start)
    }

    private static func radix(_ letter: Unicode.Scalar) -> Int? {
        switch letter {
        case "x", "X": 16
        case "o", "O": 8
        case "b", "B": 2
        default: nil
        }
    }

    private static func digits(_ radix: Int) -> (Unicode.Scalar?) -> Bool {
        { $0?.digit.map { $0 < radix } ?? false }
    }

    /// Steps over digits, and underscores between them.
    private mutating func skipDigits(_ isDigit: (Unicode.Scalar?) -> Bool) {
        while isDigit(scalar(offset)) || (scalar(offset) == "_" && isDigit(scalar(offset + 1))) { offset += 1 }
    }

    // MARK: Strings

    /// Reads a string in quotes, with the escapes of Python's `unicode_escape`.
    mutating func readString() throws(TemplateError) {
        let start = offset
        let quote = source[offset]
        var text: [Unicode.Scalar] = []
        offset += 1
        while let next = scalar(offset), next != quote {
            offset += 1
            if next == "\\" { try readEscape(&text) } else { text.append(next) }
        }
        guard offset < source.count else { throw error("the string does not end", at: start) }
        offset += 1
        add(.string(TracedText(text)), at: start)
    }

    private static let plainEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
        "v": "\u{B}",
    ]

    private mutating func readEscape(_ text: inout [Unicode.Scalar]) throws(TemplateError) {
        let start = offset - 1
        guard let letter = scalar(offset) else { return }
        offset += 1
        if letter == "\n" { return }
        if let plain = Self.plainEscapes[letter] { return text.append(plain) }
        switch letter {
        case "x": text.append(try readHexadecimal(start, 2))
        case "u": text.append(try readHexadecimal(start, 4))
        case "U": text.append(try readHexadecimal(start, 8))
        case "N": throw error("characters by name (\\N) are not supported", at: start)
        case "0"..."7":
            var value = letter.digit ?? 0
            for _ in 0..<2 {
                guard let digit = scalar(offset)?.digit, digit < 8 else { break }
                value = value * 8 + digit
                offset += 1
            }
            text.append(Unicode.Scalar(UInt16(value)) ?? " ")
        default:
            text.append("\\")
            guard !letter.isASCII else { return text.append(letter) }
            // Upstream writes other letters as escapes before it reads escapes.
            let digits = String(letter.value, radix: 16)
            let (mark, width) = letter.value < 0x100 ? ("x", 2) : letter.value < 0x10000 ? ("u", 4) : ("U", 8)
            let zeros = String(repeating: "0", count: max(0, width - digits.count))
            text.append(contentsOf: (mark + zeros + digits).unicodeScalars)
        }
    }

    private mutating func readHexadecimal(_ start: Int, _ count: Int) throws(TemplateError) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = scalar(offset)?.digit, digit < 16, value < 1 << 28 else {
                throw error("the escape needs \(count) hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("the escape is no character", at: start) }
        return scalar
    }
}
