extension Unicode.Scalar {
    /// True for blank space by Python's `str.isspace` and the `\s` of its regular expressions.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// A border between lines for Python's `str.splitlines`.
    var isLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    var isASCIIDigit: Bool { value >= 0x30 && value <= 0x39 }

    /// The value of a digit or an ASCII letter as a digit of a base up to 36.
    var digit: Int? {
        switch value {
        case 0x30...0x39: Int(value) - 0x30
        case 0x41...0x5A: Int(value) - 0x41 + 10
        case 0x61...0x7A: Int(value) - 0x61 + 10
        default: nil
        }
    }

    /// Python's `str.isalpha`: a letter.
    var isPythonAlpha: Bool {
        if isASCII { return digit.map { $0 >= 10 } ?? false }
        return switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// Python's `str.isdecimal`: a digit of a positional system.
    var isPythonDecimal: Bool {
        isASCII ? isASCIIDigit : properties.generalCategory == .decimalNumber
    }

    /// Python's `str.isdigit`: a decimal digit, or one with a compatibility mapping as ².
    var isPythonDigit: Bool {
        if isASCII { return isASCIIDigit }
        return properties.numericType == .decimal || properties.numericType == .digit
    }

    /// Python's `str.isnumeric`: a scalar with a numeric value.
    var isPythonNumeric: Bool { isASCII ? isASCIIDigit : properties.numericType != nil }

    /// Python's `str.isalnum`.
    var isPythonAlphanumeric: Bool { isPythonAlpha || isPythonDecimal || isPythonDigit || isPythonNumeric }

    /// The `\w` of Python's regular expressions.
    var isWord: Bool { self == "_" || isPythonAlphanumeric }

    /// Python's `str.isprintable`: neither a control, nor a separator other than the space, nor unassigned.
    var isPythonPrintable: Bool {
        if isASCII { return value >= 0x20 && value < 0x7F }
        return switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }

    var isPythonUppercase: Bool { isASCII ? value >= 0x41 && value <= 0x5A : properties.isUppercase }
    var isPythonLowercase: Bool { isASCII ? value >= 0x61 && value <= 0x7A : properties.isLowercase }
    var isPythonTitlecase: Bool { !isASCII && properties.generalCategory == .titlecaseLetter }
    /// True if the scalar has a case.
    var isCased: Bool { isASCII ? digit.map { $0 >= 10 } ?? false : properties.isCased }
}
