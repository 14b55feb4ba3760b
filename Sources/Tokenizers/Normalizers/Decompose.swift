/// NFD and NFKD.
struct Decompose: Normalizer {
    let form: Decomposition

    func normalize(_ text: inout NormalizedText) {
        if text.isPlainASCII { return }
        var builder = NormalizedTextBuilder(capacity: text.bytes.count * 2)
        var order = CanonicalOrder()
        text.forEachScalar { scalar, origin in
            order.append(scalar, from: origin, form: form) { builder.append($0, from: $1) }
        }
        order.flush { builder.append($0, from: $1) }
        text = builder.text
    }
}
