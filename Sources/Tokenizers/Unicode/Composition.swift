/// A table of the pairs of scalars that become one in NFC and NFKC.
enum Composition {
    /// Returns the scalar that `first` and `second` compose to, if they do.
    static func compose(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        if case 0x1161...0x11C2 = second.value { return composeHangul(first.value, second.value) }
        return pairs[key(first, second)]
    }

    /// Syllables are arithmetic. (The Unicode Standard, section 3.12.)
    private static func composeHangul(_ first: UInt32, _ second: UInt32) -> Unicode.Scalar? {
        switch (first, second) {
        case (0x1100...0x1112, 0x1161...0x1175):
            Unicode.Scalar(0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28)
        case (0xAC00...0xD7A3, 0x11A8...0x11C2) where (first - 0xAC00) % 28 == 0:
            Unicode.Scalar(first + second - 0x11A7)
        default: nil
        }
    }

    private static func key(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> UInt64 {
        UInt64(first.value) << 32 | UInt64(second.value)
    }

    /// All pairs but those of Hangul.
    private static let pairs: [UInt64: Unicode.Scalar] = {
        var pairs: [UInt64: Unicode.Scalar] = [:]
        for mapping in DecompositionMappings.canonical.mappings
        where mapping.isComposed && UpstreamUnicode.isDecomposable(mapping.scalar) {
            pairs[key(mapping.parts[0], mapping.parts[1])] = mapping.scalar
        }
        return pairs
    }()

    // MARK: What is left alone

    /// Scalars that `form` and composition may change, alone or because of what stands before. A text without them is
    /// normalised.
    static func unstable(_ form: Decomposition) -> ScalarBitmap {
        switch form {
        case .canonical: canonicalUnstable
        case .compatibility: compatibilityUnstable
        }
    }

    private static let canonicalUnstable = unstableScalars(.canonical)
    private static let compatibilityUnstable = unstableScalars(.compatibility)

    /// Hangul syllables and ideographs are stable; vowels and finals of Hangul are not.
    private static func unstableScalars(_ form: Decomposition) -> ScalarBitmap {
        let seconds = Set(pairs.keys.map { UInt32(truncatingIfNeeded: $0) })
        let blocks: [ClosedRange<UInt32>] = [0x80...0x33FF, 0xA000...0xABFF, 0xF900...0x1FFFF, 0x2F800...0x2FA1F]
        return ScalarBitmap(blocks) { scalar in
            if case 0x1161...0x11C2 = scalar.value { return true }
            if seconds.contains(scalar.value) || UpstreamUnicode.combiningClass(scalar) != 0 { return true }
            var recomposed: Unicode.Scalar?
            var isWhole = true
            form.forEach(of: scalar) { part in
                guard let first = recomposed else {
                    recomposed = part
                    return
                }
                if let composed = compose(first, part) { recomposed = composed } else { isWhole = false }
            }
            return !isWhole || recomposed != scalar
        }
    }
}
