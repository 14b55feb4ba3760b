/// Python's format specification of a field, of which `%` has a part.
struct FormatSpecification {
    var fill: Unicode.Scalar = " "
    var alignment: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?

    init() {}

    /// Reads a specification as `format` takes it.
    init(_ text: TracedText) throws(TemplateError) {
        var rest = text.scalars[...]
        func isAlignment(_ scalar: Unicode.Scalar?) -> Bool {
            scalar.map { "<>=^".unicodeScalars.contains($0) } ?? false
        }
        func skip(_ scalars: String) -> Unicode.Scalar? {
            guard let first = rest.first, scalars.unicodeScalars.contains(first) else { return nil }
            rest = rest.dropFirst()
            return first
        }
        if rest.count > 1, isAlignment(rest.dropFirst().first) {
            fill = rest.first ?? " "
            alignment = rest.dropFirst().first
            rest = rest.dropFirst(2)
        } else if isAlignment(rest.first) {
            alignment = rest.first
            rest = rest.dropFirst()
        }
        sign = skip("+- ") ?? "-"
        isAlternate = skip("#") != nil
        if skip("0") != nil, alignment == nil {
            fill = "0"
            alignment = "="
        }
        width = try Self.number(&rest) ?? 0
        grouping = skip(",_")
        if skip(".") != nil {
            guard let digits = try Self.number(&rest) else {
                throw TemplateError(.evaluation, "format specifier missing precision")
            }
            precision = digits
        }
        type = rest.first
        guard rest.count <= 1 else {
            throw TemplateError(.evaluation, "invalid format specifier '\(text.string.prefix(40))'")
        }
    }

    /// Reads digits as a number.
    static func number(_ rest: inout ArraySlice<Unicode.Scalar>) throws(TemplateError) -> Int? {
        let digits = rest.prefix { $0.isASCIIDigit }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard digits.count < 10 else { throw TemplateError(.evaluation, "too many decimal digits in format string") }
        return digits.reduce(0) { $0 * 10 + ($1.digit ?? 0) }
    }

    // MARK: Values

    /// A text in the field.
    func applied(to text: TracedText) throws(TemplateError) -> TracedText {
        guard type == nil || type == "s" else { throw unknownType("str") }
        guard alignment != "=" else {
            throw TemplateError(.evaluation, "'=' alignment not allowed in string format specifier")
        }
        let shown = precision.map { text[0..<min($0, text.count)].plain() } ?? text.plain()
        return padded(shown, signs: 0, alignment ?? "<")
    }

    /// An integer in the field.
    func applied(to value: Int) throws(TemplateError) -> TracedText {
        switch type {
        case nil, "d", "n", "b", "o", "x", "X":
            guard precision == nil else {
                throw TemplateError(.evaluation, "Precision not allowed in integer format specifier")
            }
            let radix = type == "b" ? 2 : type == "o" ? 8 : type == "x" || type == "X" ? 16 : 10
            var digits = String(value.magnitude, radix: radix, uppercase: type == "X")
            if let grouping {
                guard grouping == "_" || radix == 10 else { throw unknownType("int") }
                digits = NumberText.grouped(digits, by: Character(grouping), every: radix == 10 ? 3 : 4)
            }
            let mark = isAlternate && radix != 10 ? "0" + String(type.map(Character.init) ?? "x") : ""
            return signed(mark, digits, isNegative: value < 0)
        case "c":
            guard let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) else {
                throw TemplateError(.evaluation, "%c requires a character")
            }
            return padded(TracedText([scalar]), signs: 0, alignment ?? "<")
        case "e", "E", "f", "F", "g", "G", "%": return try applied(to: Double(value))
        default: throw unknownType("int")
        }
    }

    /// A double in the field.
    func applied(to value: Double) throws(TemplateError) -> TracedText {
        let precision = self.precision ?? 6
        guard precision <= NumberText.mostDigits else {
            throw TemplateError(.limit, "a precision is larger than \(NumberText.mostDigits)")
        }
        var digits: String
        switch type {
        case nil:
            if self.precision == nil {
                digits = Value.digits(value.magnitude)
            } else {
                digits = NumberText.digits(value, "g", precision: max(1, precision), keepsPoint: isAlternate)
                let exponent = NumberText.digits(value, "e", precision: max(0, precision - 1))
                // Without a type, a number keeps a digit behind the point.
                if value.isFinite, !digits.contains("e"), !digits.contains(".") {
                    digits = digits.count >= precision ? Self.trimmed(exponent) : digits + ".0"
                }
            }
        case "e", "E", "f", "F":
            let conversion: Character = type == "e" || type == "E" ? "e" : "f"
            digits = NumberText.digits(value, conversion, precision: precision, keepsPoint: isAlternate)
        case "g", "G", "n":
            digits = NumberText.digits(value, "g", precision: max(1, precision), keepsPoint: isAlternate)
        case "%": digits = NumberText.digits(value * 100, "f", precision: precision) + "%"
        default: throw unknownType("float")
        }
        if type == "E" || type == "F" || type == "G" { digits = digits.uppercased() }
        if let grouping, value.isFinite {
            digits = NumberText.grouped(digits, by: Character(grouping), every: 3)
        }
        return signed("", digits, isNegative: value.sign == .minus && !value.isNaN)
    }

    /// A number in scientific notation without zeros at the end of its fraction.
    private static func trimmed(_ text: String) -> String {
        guard let mark = text.firstIndex(of: "e"), text.contains(".") else { return text }
        var digits = text[..<mark]
        while digits.last == "0" { digits.removeLast() }
        if digits.last == "." { digits.removeLast() }
        return String(digits) + text[mark...]
    }

    // MARK: Fields

    private func signed(_ mark: String, _ digits: String, isNegative: Bool) -> TracedText {
        let sign = isNegative ? "-" : self.sign == "-" ? "" : String(self.sign)
        return padded(TracedText(sign + mark + digits), signs: (sign + mark).count, alignment ?? ">")
    }

    private func padded(_ text: TracedText, signs: Int, _ alignment: Unicode.Scalar) -> TracedText {
        let missing = width - text.count
        guard missing > 0 else { return text }
        var result = TracedText()
        switch alignment {
        case "<":
            result.append(text)
            result.append(repeating: fill, count: missing)
        case "^":
            result.append(repeating: fill, count: missing / 2)
            result.append(text)
            result.append(repeating: fill, count: missing - missing / 2)
        default:
            let head = alignment == "=" ? signs : 0
            result.append(text, 0..<head)
            // Digits that are filled up to a width with zeros are grouped as well.
            result.append(repeating: fill, count: missing)
            result.append(text, head..<text.count)
        }
        return result
    }

    private func unknownType(_ kind: String) -> TemplateError {
        let name = type.map { String($0) } ?? ""
        return TemplateError(.evaluation, "Unknown format code '\(name)' for object of type '\(kind)'")
    }
}
