/// Unicode properties as upstream's crates know them.
///
/// Upstream reads general categories from `unicode_categories` 0.1 (Unicode 8) and normalisation data from
/// `unicode-normalization-alignments` 0.1 (Unicode 9); word characters come from `regex` (Unicode 16). To those tables
/// a younger scalar is unassigned. Swift's are newer, so a scalar's age decides first; what was reassigned since stands
/// in the few exceptions below. The figures come from sending every scalar through the normalizers and pre-tokenizers of
/// tokenizers 0.23.3; `UpstreamUnicodeTests` holds digests of the answers.
enum UpstreamUnicode {
    private static let categories: Unicode.Version = (8, 0)
    private static let normalization: Unicode.Version = (9, 0)
    private static let regularExpressions: Unicode.Version = (16, 0)

    private static func isKnown(_ scalar: Unicode.Scalar, in version: Unicode.Version) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return age.major < version.major || (age.major == version.major && age.minor <= version.minor)
    }

    /// Tells whether the scalar is assigned to Oniguruma and the crate `regex`, which both run on Unicode 16.
    static func isKnownToRegularExpressions(_ scalar: Unicode.Scalar) -> Bool {
        isKnown(scalar, in: regularExpressions)
    }

    /// Cc, Cf or Co.
    static func isOther(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse: isKnown(scalar, in: categories)
        default: false
        }
    }

    /// Mn.
    static func isNonspacingMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1734, 0x1171E: return true
        case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
        default: return scalar.properties.generalCategory == .nonspacingMark && isKnown(scalar, in: categories)
        }
    }

    /// P, or punctuation of ASCII, which also has S.
    static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E, 0x166D, 0x111C9: return true
        default: break
        }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return isKnown(scalar, in: categories)
        default: return false
        }
    }

    /// White space.
    @inline(__always)
    static func isWhitespace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9...0xD, 0x20: true
        case 0..<0x85: false
        case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// N.
    @inline(__always)
    static func isNumeric(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x80 ? ("0"..."9").contains(scalar) : numbers.contains(scalar)
    }

    private static let numbers = ScalarBitmap([0x80...0x1FFFF]) { scalar in
        switch scalar.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    /// `\w` of a regular expression (UTS 18, annex C).
    @inline(__always)
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < GeneralCategory.tableEnd ? words.contains(scalar) : isWordByProperties(scalar)
    }

    private static let words = ScalarBitmap([0...GeneralCategory.tableEnd - 1], where: isWordByProperties)

    private static func isWordByProperties(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        guard properties.isAlphabetic || properties.isJoinControl || isWordCategory(properties.generalCategory) else {
            return false
        }
        return isKnown(scalar, in: regularExpressions)
    }

    private static func isWordCategory(_ category: Unicode.GeneralCategory) -> Bool {
        switch category {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
        default: false
        }
    }

    /// M.
    @inline(__always)
    static func isCombiningMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < GeneralCategory.tableEnd ? marks.contains(scalar) : isCombiningMarkByProperties(scalar)
    }

    private static let marks = ScalarBitmap([0x300...GeneralCategory.tableEnd - 1], where: isCombiningMarkByProperties)

    private static func isCombiningMarkByProperties(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1CF2, 0x1CF3: return true
        case 0x111C9: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return isKnown(scalar, in: normalization)
        default: return false
        }
    }

    /// Canonical combining class, 0 to 254.
    static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
        let value = scalar.properties.canonicalCombiningClass.rawValue
        return value != 0 && isKnown(scalar, in: normalization) ? value : 0
    }

    /// Tells whether the scalar has a decomposition that counts.
    static func isDecomposable(_ scalar: Unicode.Scalar) -> Bool { isKnown(scalar, in: normalization) }

    /// The script as SentencePiece sees it, which upstream has from Unicode 9: the kana count as Han, and a space as
    /// nothing.
    static func script(_ scalar: Unicode.Scalar) -> Script.Number {
        switch scalar.value {
        case 0x20: return Script.none
        case 0x30FC: return han
        case 0x589, 0x61C: return common
        case 0x953, 0x954: return devanagari
        default: break
        }
        let script = Script.number(of: scalar)
        guard script != Script.none, isKnown(scalar, in: normalization) else { return Script.none }
        return kana.contains(script) ? han : script
    }

    private static let han = scriptNumber("han")
    private static let common = scriptNumber("common")
    private static let devanagari = scriptNumber("devanagari")
    private static let kana = ["hiragana", "katakana"].map(scriptNumber)

    private static func scriptNumber(_ name: String) -> Script.Number {
        Script.number(ofNormalizedName: name) ?? Script.none
    }

    /// The blocks that BERT calls Chinese: CJK ideographs, as the original implementation lists them.
    static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
