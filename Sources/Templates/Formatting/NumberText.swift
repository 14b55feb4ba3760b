#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Numbers as the formats of Python write them.
enum NumberText {
    /// The most digits behind the point.
    static let mostDigits = 1000

    /// A double by one of C's conversions `e`, `f` and `g`, exactly rounded, without a sign.
    static func digits(_ value: Double, _ conversion: Character, precision: Int, keepsPoint: Bool = false) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : "inf" }
        let format = "%\(keepsPoint ? "#" : "").*\(conversion.lowercased())"
        // The largest double has 309 digits in front of the point.
        let capacity = 400 + precision
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            let count = withVaList([Int32(precision), value.magnitude]) {
                vsnprintf(buffer.baseAddress, capacity, format, $0)
            }
            let length = max(0, min(Int(count), capacity - 1))
            return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Digits with a separator between groups of the whole part.
    static func grouped(_ digits: String, by separator: Character, every count: Int) -> String {
        let end = digits.firstIndex { !$0.isHexDigit } ?? digits.endIndex
        var result = ""
        for (index, digit) in digits[..<end].enumerated() {
            if index > 0, (digits.distance(from: digits.startIndex, to: end) - index) % count == 0 {
                result.append(separator)
            }
            result.append(digit)
        }
        return result + digits[end...]
    }

    /// Python's `round` of a double to so many digits behind the point, halves to even.
    static func rounded(_ value: Double, digits: Int) -> Double {
        guard value.isFinite else { return value }
        // Beyond these nothing is left to round, or nothing is left.
        if digits > 323 { return value }
        if digits < -308 { return Double(signOf: value, magnitudeOf: 0) }
        if digits >= 0 {
            let text = self.digits(value, "f", precision: digits)
            return Double(signOf: value, magnitudeOf: Double(text) ?? value.magnitude)
        }
        let power = pow(10, Double(-digits))
        let result = (value.magnitude / power).rounded(.toNearestOrEven) * power
        return Double(signOf: value, magnitudeOf: result)
    }

    /// The integer of a text, as Python's `int` reads it; nil if it is none.
    static func integer(_ text: TracedText, radix: Int = 10) -> (value: Int?, isNumber: Bool) {
        var digits = text.trimmed().scalars[...]
        var isNegative = false
        if let sign = digits.first, sign == "-" || sign == "+" {
            isNegative = sign == "-"
            digits = digits.dropFirst()
        }
        var radix = radix
        if digits.first == "0", let mark = digits.dropFirst().first {
            let marked = ["x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2][mark]
            if let marked, radix == marked || radix == 0 {
                radix = marked
                digits = digits.dropFirst(2)
                if digits.first == "_" { digits = digits.dropFirst() }
            }
        }
        if radix == 0 {
            guard digits.first != "0" || digits.allSatisfy({ $0 == "0" || $0 == "_" }) else { return (nil, false) }
            radix = 10
        }
        guard let plain = withoutUnderscores(digits), plain.allSatisfy({ $0.digit.map { $0 < radix } ?? false }) else {
            return (nil, false)
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: plain)
        return (Int((isNegative ? "-" : "") + String(view), radix: radix), true)
    }

    /// The double of a text, as Python's `float` reads it.
    static func double(_ text: TracedText) -> Double? {
        let trimmed = text.trimmed().scalars
        var rest = trimmed[...]
        if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
        guard let plain = withoutUnderscores(rest), plain.allSatisfy(\.isASCII) else { return nil }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: plain)
        let word = String(view)
        guard ["inf", "infinity", "nan"].contains(word.lowercased()) || isDecimal(word) else { return nil }
        let isNegative = trimmed.first == "-"
        // A text that ends or begins with its point is a number in Python, too.
        let number = word.hasPrefix(".") ? "0" + word : word
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let complete =
            parts.count == 2 && !(parts[1].first?.isASCII == true && parts[1].first?.isNumber == true)
            ? "\(parts[0]).0\(parts[1])" : number
        return Double(complete).map { isNegative ? -$0 : $0 }
    }

    private static func isDecimal(_ word: String) -> Bool {
        var rest = Substring(word)
        func skipDigits() -> Int {
            let count = rest.prefix { $0.isASCII && $0.isNumber }.count
            rest = rest.dropFirst(count)
            return count
        }
        var digits = skipDigits()
        if rest.first == "." {
            rest = rest.dropFirst()
            digits += skipDigits()
        }
        guard digits > 0 else { return false }
        if rest.first == "e" || rest.first == "E" {
            rest = rest.dropFirst()
            if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
            guard skipDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// The scalars without the underscores between digits; nil if they are none or an underscore stands elsewhere.
    private static func withoutUnderscores(_ scalars: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar]? {
        var plain: [Unicode.Scalar] = []
        var last: Unicode.Scalar = "_"
        for scalar in scalars {
            if scalar == "_" {
                guard last.digit != nil else { return nil }
            } else {
                if last == "_", !plain.isEmpty, scalar.digit == nil { return nil }
                plain.append(scalar)
            }
            last = scalar
        }
        return plain.isEmpty || last == "_" ? nil : plain
    }
}
