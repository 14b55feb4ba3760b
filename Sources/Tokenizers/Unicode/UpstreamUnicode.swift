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
    private static let words: Unicode.Version = (16, 0)

    private static func isKnown(_ scalar: Unicode.Scalar, in version: Unicode.Version) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return age.major < version.major || (age.major == version.major && age.minor <= version.minor)
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

    /// N.
    static func isNumeric(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    /// `\w` of a regular expression (UTS 18, annex C).
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        guard properties.isAlphabetic || properties.isJoinControl || isWordCategory(properties.generalCategory) else {
            return false
        }
        return isKnown(scalar, in: words)
    }

    private static func isWordCategory(_ category: Unicode.GeneralCategory) -> Bool {
        switch category {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
        default: false
        }
    }

    /// M.
    static func isCombiningMark(_ scalar: Unicode.Scalar) -> Bool {
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

    /// Whether the scalar has a decomposition that counts.
    static func isDecomposable(_ scalar: Unicode.Scalar) -> Bool { isKnown(scalar, in: normalization) }

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
