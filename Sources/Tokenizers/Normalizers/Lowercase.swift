/// Lower-cases scalar by scalar, without regard to context or language.
struct Lowercase: Normalizer {
    private static let ascii = ScalarTraits.asciiTable(cleanText: false, lowercase: true)

    func normalize(_ text: inout NormalizedText) {
        if text.isPlainASCII {
            text.mapASCII(Self.ascii)
        } else {
            text = text.rebuilt { Self.append($0, from: $1, to: &$2) }
        }
    }

    /// Appends what `scalar` is in lower case.
    @inline(__always)
    static func append(_ scalar: Unicode.Scalar, from origin: Int32, to builder: inout NormalizedTextBuilder) {
        guard ScalarTraits.of(scalar).contains(.uppercase) else { return builder.append(scalar, from: origin) }
        for lower in scalar.properties.lowercaseMapping.unicodeScalars { builder.append(lower, from: origin) }
    }
}
