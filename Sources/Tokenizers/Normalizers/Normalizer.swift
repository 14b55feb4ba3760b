/// The stage that evens out a text before it is cut.
protocol Normalizer: Sendable {
    /// Changes `text` in place and keeps its alignment to the original.
    func normalize(_ text: inout NormalizedText)
}

/// The normalizers that tokenizer.json may name.
enum Normalizers {
    static let registry = Registry<any Normalizer>(
        name: "normalizer",
        makers: [
            "BertNormalizer": { (field) throws(TokenizerError) in try BertNormalizer(field) },
            "ByteLevel": { (_) throws(TokenizerError) in ByteLevelNormalizer() },
            "Lowercase": { (_) throws(TokenizerError) in Lowercase() },
            "NFC": { (_) throws(TokenizerError) in Compose(form: .canonical) },
            "NFD": { (_) throws(TokenizerError) in Decompose(form: .canonical) },
            "NFKC": { (_) throws(TokenizerError) in Compose(form: .compatibility) },
            "NFKD": { (_) throws(TokenizerError) in Decompose(form: .compatibility) },
            "Nmt": { (_) throws(TokenizerError) in Nmt() },
            "Precompiled": { (field) throws(TokenizerError) in try Precompiled(field) },
            "Prepend": { (field) throws(TokenizerError) in try Prepend(field) },
            "Replace": { (field) throws(TokenizerError) in try Replace(field) },
            "Sequence": { (field) throws(TokenizerError) in try NormalizerSequence(field) },
            "Strip": { (field) throws(TokenizerError) in try Strip(field) },
            "StripAccents": { (_) throws(TokenizerError) in StripAccents() },
        ])
}

/// Several normalizers, one after the other.
struct NormalizerSequence: Normalizer {
    let normalizers: [any Normalizer]

    init(_ field: Field) throws(TokenizerError) {
        normalizers = try field["normalizers"].map(Normalizers.registry.make)
    }

    init(_ normalizers: [any Normalizer]) { self.normalizers = normalizers }

    func normalize(_ text: inout NormalizedText) {
        for normalizer in normalizers { normalizer.normalize(&text) }
    }
}
