/// Writes each byte as a character of its own, see ``ByteAlphabet``.
struct ByteLevelNormalizer: Normalizer {
    func normalize(_ text: inout NormalizedText) {
        var builder = NormalizedTextBuilder(from: text)
        for (index, byte) in text.bytes.enumerated() {
            builder.append(ByteAlphabet.scalars[Int(byte)], from: text.origin(of: index))
        }
        text = builder.text
    }
}
