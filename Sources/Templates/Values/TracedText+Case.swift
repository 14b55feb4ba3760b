extension TracedText {
    func uppercased() -> TracedText { mapped { scalar, _ in scalar.upper } }

    func lowercased() -> TracedText { mapped { scalar, offset in lower(scalar, offset) } }

    func swappedCase() -> TracedText {
        mapped { scalar, offset in
            scalar.isPythonUppercase
                ? lower(scalar, offset) : scalar.isPythonLowercase ? scalar.upper : String(scalar)
        }
    }

    /// The first scalar in title case, the others in lower case.
    func capitalized() -> TracedText {
        mapped { scalar, offset in offset == 0 ? scalar.title : lower(scalar, offset) }
    }

    /// Each scalar behind one without case in title case, the others in lower case.
    func titlecased() -> TracedText {
        mapped { scalar, offset in
            offset > 0 && scalars[offset - 1].isCased ? lower(scalar, offset) : scalar.title
        }
    }

    /// The text by the filter `title`: words begin behind blank space, hyphens and opening brackets.
    func titledWords() -> TracedText {
        mapped { scalar, offset in
            offset == 0 || Self.separatesWords(scalars[offset - 1]) || Self.separatesWords(scalar)
                ? scalar.upper : lower(scalar, offset)
        }
    }

    private static func separatesWords(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
    }

    /// The scalar in lower case; a capital sigma at the end of a word is a final one.
    private func lower(_ scalar: Unicode.Scalar, _ offset: Int) -> String {
        guard scalar == "Σ" else { return scalar.lower }
        var before = offset - 1
        while before >= 0, scalars[before].properties.isCaseIgnorable { before -= 1 }
        var behind = offset + 1
        while behind < count, scalars[behind].properties.isCaseIgnorable { behind += 1 }
        let isFinal =
            before >= 0 && scalars[before].isCased && !(behind < count && scalars[behind].isCased)
        return isFinal ? "ς" : "σ"
    }

    // MARK: Kinds of texts

    /// True if the text has a scalar with case and all those are upper, or lower.
    func isCased(upper: Bool) -> Bool {
        var isFound = false
        for scalar in scalars {
            if upper ? scalar.isPythonLowercase : scalar.isPythonUppercase { return false }
            if scalar.isPythonTitlecase { return false }
            if upper ? scalar.isPythonUppercase : scalar.isPythonLowercase { isFound = true }
        }
        return isFound
    }

    var isTitlecased: Bool {
        var isFound = false
        var isInWord = false
        for scalar in scalars {
            if scalar.isPythonUppercase || scalar.isPythonTitlecase {
                guard !isInWord else { return false }
                (isInWord, isFound) = (true, true)
            } else if scalar.isPythonLowercase {
                guard isInWord else { return false }
                isFound = true
            } else {
                isInWord = false
            }
        }
        return isFound
    }

    func all(_ isKind: (Unicode.Scalar) -> Bool) -> Bool { !isEmpty && scalars.allSatisfy(isKind) }

    /// Python's `str.isidentifier`.
    var isIdentifier: Bool {
        guard let first = scalars.first else { return false }
        return (first == "_" || first.properties.isXIDStart)
            && scalars.dropFirst().allSatisfy(\.properties.isXIDContinue)
    }
}

extension Unicode.Scalar {
    fileprivate var upper: String {
        guard isASCII else { return properties.uppercaseMapping }
        return String(isPythonLowercase ? Unicode.Scalar(UInt8(value - 0x20)) : self)
    }

    fileprivate var lower: String {
        guard isASCII else { return properties.lowercaseMapping }
        return String(isPythonUppercase ? Unicode.Scalar(UInt8(value + 0x20)) : self)
    }

    fileprivate var title: String { isASCII ? upper : properties.titlecaseMapping }
}
