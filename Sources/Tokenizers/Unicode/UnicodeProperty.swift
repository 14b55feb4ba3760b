/// The properties by which a regular expression may ask for scalars, `\p{…}` and `[[:…:]]`.
package enum UnicodeProperty {
    /// A name without what does not count in it: letter case, spaces, hyphens and underscores.
    static func normalize(_ name: String) -> String {
        name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
    }

    /// The scalars that `\p{name}` stands for; nil for a name that is not known.
    package static func scalars(named name: String) -> ScalarExpression? {
        let name = normalize(name)
        if let entry = posix.first(where: { $0.key == name }) { return entry.value }
        if let entry = properties.first(where: { normalize($0.key) == name }) { return entry.value }
        if let abbreviation = longNames.first(where: { normalize($0.key) == name })?.value {
            return GeneralCategory.Mask(abbreviation: abbreviation).map { .categories($0) }
        }
        for length in 1...2 where name.utf8.count == length {
            let abbreviation = name.prefix(1).uppercased() + name.dropFirst()
            if let mask = GeneralCategory.Mask(abbreviation: abbreviation) { return .categories(mask) }
        }
        return Script.number(ofNormalizedName: name).map { .script($0) }
    }

    /// The scalars that `[[:name:]]` stands for; nil for a name that is not known.
    static func bracket(named name: String) -> ScalarExpression? {
        switch name {
        case "punct": .categories([.punctuation, .symbol])
        case "word": wordInClass
        default: posix.first { $0.key == name }?.value
        }
    }

    // MARK: Tables

    static let any = ScalarExpression.ranges([0...0x10FFFF])
    /// `\s`
    static let space = property { $0.properties.isWhitespace }
    /// `\w`, with digits of Latin-1 that are no decimal numbers (an oddity of Oniguruma).
    static let word = ScalarExpression.union([
        wordInClass, .ranges([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]),
    ])
    /// `\d`
    static let digit = ScalarExpression.categories(.decimalNumber)
    /// `\h`
    static let hexDigit = ScalarExpression.ranges([0x30...0x39, 0x41...0x46, 0x61...0x66])

    /// `\w` in a class
    static let wordInClass = ScalarExpression.union([
        alpha, .categories([.mark, .decimalNumber, .connectorPunctuation]),
    ])
    private static let alpha = property { $0.properties.isAlphabetic }
    private static let casedLetter = ScalarExpression.categories([
        .uppercaseLetter, .lowercaseLetter, .titlecaseLetter,
    ])
    private static let upper = property { $0.properties.isUppercase }
    private static let lower = ScalarExpression.union([
        property { $0.properties.isLowercase }, .ranges([0x295...0x295]),
    ])
    private static let control = ScalarExpression.categories(mask("Cc"))
    private static let blank = ScalarExpression.union([.categories(mask("Zs")), .ranges([9...9])])
    private static let graph = ScalarExpression.complement(
        .union([space, .categories([mask("Cc"), mask("Cn"), mask("Cs")])]))

    private static func mask(_ abbreviation: String) -> GeneralCategory.Mask {
        GeneralCategory.Mask(abbreviation: abbreviation) ?? []
    }

    /// A property of the Swift runtime, for scalars that Oniguruma knows.
    private static func property(_ predicate: @escaping @Sendable (Unicode.Scalar) -> Bool) -> ScalarExpression {
        .predicate(ScalarPredicate { predicate($0) && UpstreamUnicode.isKnownToRegularExpressions($0) })
    }

    /// The classes that both notations know.
    private static let posix: KeyValuePairs<String, ScalarExpression> = [
        "alnum": .union([alpha, digit]), "alpha": alpha, "ascii": .ranges([0...0x7F]), "blank": blank,
        "cntrl": control, "digit": digit, "graph": graph, "lower": lower,
        "print": .union([graph, .categories(mask("Zs"))]), "punct": .categories(.punctuation), "space": space,
        "upper": upper, "xdigit": hexDigit, "word": word,
    ]

    private static let properties: KeyValuePairs<String, ScalarExpression> = [
        "Any": any, "Assigned": .complement(.categories(mask("Cn"))),
        "LC": casedLetter, "Cased_Letter": casedLetter,
        "Alphabetic": alpha, "White_Space": space,
        "Uppercase": upper,
        "Lowercase": lower,
        "Emoji": property { $0.properties.isEmoji },
        "Emoji_Presentation": property { $0.properties.isEmojiPresentation },
        "Emoji_Modifier": property { $0.properties.isEmojiModifier },
        "Emoji_Modifier_Base": property { $0.properties.isEmojiModifierBase },
        "ID_Start": property { $0.properties.isIDStart }, "ID_Continue": property { $0.properties.isIDContinue },
        "XID_Start": property { $0.properties.isXIDStart },
        "XID_Continue": property { $0.properties.isXIDContinue },
        "Ideographic": property { $0.properties.isIdeographic },
        "Unified_Ideograph": property { $0.properties.isUnifiedIdeograph },
        "PosixPunct": .categories([.punctuation, .symbol]),
    ]
    private static let longNames: KeyValuePairs<String, String> = [
        "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
        "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M",
        "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N",
        "Decimal_Number": "Nd", "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P",
        "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps",
        "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
        "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
        "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs",
        "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "Format": "Cf",
        "Surrogate": "Cs", "Private_Use": "Co", "Unassigned": "Cn",
    ]
}
