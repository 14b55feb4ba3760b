/// NFD and NFKD.
struct Decompose: Normalizer {
    let form: Decomposition

    func normalize(_ text: inout NormalizedText) {
        if text.isPlainASCII { return }
        var builder = NormalizedTextBuilder(from: text)
        var order = CanonicalOrder()
        text.forEachScalar { scalar, origin in
            order.append(scalar, from: origin, form: form) { scalar, origin, _ in builder.append(scalar, from: origin) }
        }
        order.flush { scalar, origin, _ in builder.append(scalar, from: origin) }
        text = builder.text
    }
}
