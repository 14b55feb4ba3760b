/// The normalizer of BERT: it cleans it, sets Chinese characters apart, strips accents, lower-cases.
struct BertNormalizer: Normalizer {
    private let cleanText: Bool
    private let handleChineseChars: Bool
    private let stripAccents: Bool
    private let lowercase: Bool
    /// The byte that each ASCII byte becomes; 0 if it is removed.
    private let ascii: [UInt8]

    init(_ field: Field) throws(TokenizerError) {
        self.init(
            cleanText: try field["clean_text"].bool(default: true),
            handleChineseChars: try field["handle_chinese_chars"].bool(default: true),
            stripAccents: try field["strip_accents"].optional { (field) throws(TokenizerError) in try field.bool() },
            lowercase: try field["lowercase"].bool(default: true))
    }

    /// - Parameter stripAccents: nil follows `lowercase`.
    init(cleanText: Bool = true, handleChineseChars: Bool, stripAccents: Bool?, lowercase: Bool) {
        self.cleanText = cleanText
        self.handleChineseChars = handleChineseChars
        self.stripAccents = stripAccents ?? lowercase
        self.lowercase = lowercase
        ascii = ScalarTraits.asciiTable(cleanText: cleanText, lowercase: lowercase)
    }

    func normalize(_ text: inout NormalizedText) {
        if text.isPlainASCII, !removesAny(of: text.bytes) {
            text.mapASCII(ascii)
            return
        }
        // All steps in one pass: each but canonical ordering looks at one scalar only, and that is done in between.
        var builder = NormalizedTextBuilder(from: text)
        var order = CanonicalOrder()
        text.forEachScalar { scalar, origin in
            if scalar.value < 0x80 {
                let byte = ascii[Int(scalar.value)]
                if byte == 0, isRemoved(ScalarTraits.of(scalar)) { return }
                if !order.isEmpty { order.flush { scalar, origin, _ in finish(scalar, from: origin, to: &builder) } }
                builder.append(Unicode.Scalar(byte), from: origin)
            } else {
                append(scalar, from: origin, order: &order, to: &builder)
            }
        }
        order.flush { scalar, origin, _ in finish(scalar, from: origin, to: &builder) }
        text = builder.text
    }

    private func isRemoved(_ traits: ScalarTraits) -> Bool { cleanText && traits.contains(.removed) }

    private func removesAny(of bytes: [UInt8]) -> Bool {
        guard cleanText else { return false }
        return ascii.withUnsafeBufferPointer { ascii in bytes.contains { ascii[Int($0)] == 0 } }
    }

    /// Cleans, sets apart, and decomposes.
    private func append(
        _ scalar: Unicode.Scalar, from origin: Int32, order: inout CanonicalOrder,
        to builder: inout NormalizedTextBuilder
    ) {
        let traits = ScalarTraits.of(scalar)
        if isRemoved(traits) { return }
        let isSpace = cleanText && traits.contains(.whitespace)
        let isApart = handleChineseChars && traits.contains(.chinese)
        if isApart || isSpace || !stripAccents {
            if !order.isEmpty { order.flush { scalar, origin, _ in finish(scalar, from: origin, to: &builder) } }
        }
        if isSpace { return builder.append(" ", from: origin) }
        if isApart { builder.append(" ", from: origin) }
        if stripAccents {
            order.append(scalar, from: origin, form: .canonical) { scalar, origin, _ in
                finish(scalar, from: origin, to: &builder)
            }
        } else {
            finish(scalar, from: origin, to: &builder)
        }
        if isApart { builder.append(" ", from: origin) }
    }

    /// Strips and lower-cases.
    private func finish(_ scalar: Unicode.Scalar, from origin: Int32, to builder: inout NormalizedTextBuilder) {
        let traits = ScalarTraits.of(scalar)
        if stripAccents, traits.contains(.nonspacingMark) { return }
        if lowercase, traits.contains(.uppercase) {
            Lowercase.append(scalar, from: origin, to: &builder)
        } else {
            builder.append(scalar, from: origin)
        }
    }
}
