/// General categories as Oniguruma 6.9.10 knows them, which upstream's regular expressions run on: Unicode 16.
///
/// They differ from those of the Swift runtime, which is younger, in U+0295 and in what was assigned since.
package enum GeneralCategory {
    typealias Category = Unicode.GeneralCategory

    /// The categories with their abbreviations; a category's index is its number.
    static let all: [(abbreviation: String, category: Category)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter), ("Lm", .modifierLetter),
        ("Lo", .otherLetter), ("Mn", .nonspacingMark), ("Mc", .spacingMark), ("Me", .enclosingMark),
        ("Nd", .decimalNumber), ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
        ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation), ("Pi", .initialPunctuation),
        ("Pf", .finalPunctuation), ("Po", .otherPunctuation), ("Sm", .mathSymbol), ("Sc", .currencySymbol),
        ("Sk", .modifierSymbol), ("So", .otherSymbol), ("Zs", .spaceSeparator), ("Zl", .lineSeparator),
        ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format), ("Cs", .surrogate), ("Co", .privateUse),
        ("Cn", .unassigned),
    ]

    /// A set of categories: bit `n` stands for category `n`.
    package struct Mask: OptionSet, Hashable, Sendable {
        /// The bits.
        package let rawValue: UInt32

        /// The categories of these bits.
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// The categories whose abbreviation is `name`, or begins with it if that is one letter; nil if there is none.
        init?(abbreviation name: String) {
            var mask: UInt32 = 0
            for (number, entry) in GeneralCategory.all.enumerated() {
                let isMeant = name.utf8.count == 1 ? entry.abbreviation.hasPrefix(name) : entry.abbreviation == name
                if isMeant { mask |= 1 << UInt32(number) }
            }
            guard mask != 0 else { return nil }
            rawValue = mask
        }

        static let letter = Mask(rawValue: 0x1F)
        static let mark = Mask(rawValue: 0xE0)
        static let number = Mask(rawValue: 0x700)
        static let punctuation = Mask(rawValue: 0x3F800)
        static let symbol = Mask(rawValue: 0x3C_0000)
        static let uppercaseLetter = Mask(rawValue: 1)
        static let lowercaseLetter = Mask(rawValue: 2)
        static let titlecaseLetter = Mask(rawValue: 4)
        static let uncasedLetter = Mask(rawValue: 0x18)
        static let decimalNumber = Mask(rawValue: 1 << 8)
        static let connectorPunctuation = Mask(rawValue: 1 << 11)

        /// Tells whether the category with this number is among them.
        @inline(__always)
        func contains(number: UInt8) -> Bool { rawValue >> UInt32(number) & 1 != 0 }
    }

    /// Scalars below have their category in a table.
    static let tableEnd: UInt32 = 0x20000

    static let table: [UInt8] = (0..<tableEnd).map { Unicode.Scalar($0).map(computed) ?? 27 }

    /// The number of the category of `scalar`.
    @inline(__always)
    static func number(of scalar: Unicode.Scalar) -> UInt8 {
        scalar.value < tableEnd ? table[Int(scalar.value)] : computed(scalar)
    }

    /// The scalars of the basic plane that are of each category, by its number.
    static let basicPlanes: [BasicPlaneSet] = {
        var sets = [BasicPlaneSet](repeating: BasicPlaneSet(), count: all.count)
        for value in 0..<BasicPlaneSet.end {
            if let scalar = Unicode.Scalar(value) { sets[Int(number(of: scalar))].insert(scalar) }
        }
        return sets
    }()

    static let unassigned: UInt8 = 29
    static let privateUse: UInt8 = 28

    private static func computed(_ scalar: Unicode.Scalar) -> UInt8 {
        if scalar.value == 0x295 { return 1 }
        let category = scalar.properties.generalCategory
        if category != .unassigned, !UpstreamUnicode.isKnownToRegularExpressions(scalar) { return unassigned }
        return UInt8(all.firstIndex { $0.category == category } ?? Int(unassigned))
    }
}
