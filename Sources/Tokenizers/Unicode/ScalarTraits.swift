/// The traits of a scalar that the stages of BERT ask for, found together and from a table where text mostly is.
struct ScalarTraits: OptionSet, Sendable {
    let rawValue: UInt8

    /// White space.
    static let whitespace = ScalarTraits(rawValue: 1)
    /// A scalar that `clean_text` removes.
    static let removed = ScalarTraits(rawValue: 2)
    /// Punctuation, which is a word of its own.
    static let punctuation = ScalarTraits(rawValue: 4)
    /// A scalar that stripping accents removes.
    static let nonspacingMark = ScalarTraits(rawValue: 8)
    /// A Chinese character, which is a word of its own.
    static let chinese = ScalarTraits(rawValue: 16)
    /// Changed by lower-casing.
    static let uppercase = ScalarTraits(rawValue: 32)
    /// Changed by canonical decomposition.
    static let decomposable = ScalarTraits(rawValue: 64)
    /// Has a combining class other than 0.
    static let combining = ScalarTraits(rawValue: 128)

    /// The traits of `scalar`.
    @inline(__always)
    static func of(_ scalar: Unicode.Scalar) -> ScalarTraits {
        let value = Int(scalar.value)
        return value < tableEnd ? table[value] : computed(scalar)
    }

    private static func computed(_ scalar: Unicode.Scalar) -> ScalarTraits {
        var traits: ScalarTraits = []
        let properties = scalar.properties
        // Scalars that are unassigned have none of them, except that upstream counts whole blocks as Chinese.
        guard properties.generalCategory != .unassigned else {
            return UpstreamUnicode.isChinese(scalar) ? .chinese : traits
        }
        if properties.isWhitespace { traits.insert(.whitespace) }
        if isRemoved(scalar) { traits.insert(.removed) }
        if UpstreamUnicode.isPunctuation(scalar) { traits.insert(.punctuation) }
        if UpstreamUnicode.isNonspacingMark(scalar) { traits.insert(.nonspacingMark) }
        if UpstreamUnicode.isChinese(scalar) { traits.insert(.chinese) }
        if properties.changesWhenLowercased { traits.insert(.uppercase) }
        if UpstreamUnicode.combiningClass(scalar) != 0 { traits.insert(.combining) }
        if isDecomposable(scalar) { traits.insert(.decomposable) }
        return traits
    }

    private static func isRemoved(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\n", "\r": false
        case "\u{0}", "\u{FFFD}": true
        default: UpstreamUnicode.isOther(scalar)
        }
    }

    private static func isDecomposable(_ scalar: Unicode.Scalar) -> Bool {
        var count = 0
        var isSame = false
        Decomposition.canonical.forEach(of: scalar) {
            count += 1
            isSame = $0 == scalar
        }
        return count != 1 || !isSame
    }

    // MARK: The table of the first two planes

    private static let tableEnd = 0x20000

    private static let table = LazyPages(count: tableEnd) { value in
        Unicode.Scalar(UInt32(value)).map(computed) ?? []
    }

    /// Returns the bytes that ASCII becomes when it is cleaned and lower-cased as asked; 0 if the byte is removed.
    static func asciiTable(cleanText: Bool, lowercase: Bool) -> [UInt8] {
        (UInt8(0)..<128).map { byte in
            let traits = of(Unicode.Scalar(byte))
            if cleanText, traits.contains(.removed) { return 0 }
            if cleanText, traits.contains(.whitespace) { return UInt8(ascii: " ") }
            return lowercase && traits.contains(.uppercase) ? byte | 0x20 : byte
        }
    }
}
