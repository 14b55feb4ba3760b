/// NFC and NFKC.
struct Compose: Normalizer {
    let form: Decomposition

    func normalize(_ text: inout NormalizedText) {
        if text.isPlainASCII || !mayChange(text.bytes) { return }
        var builder = NormalizedTextBuilder(from: text)
        var order = CanonicalOrder()
        var recomposition = Recomposition()
        func compose(_ scalar: Unicode.Scalar, _ origin: Int32, _ isInserted: Bool) {
            recomposition.append(scalar, from: origin, isInserted: isInserted) { builder.append($0, from: $1) }
        }
        text.forEachScalar { order.append($0, from: $1, form: form, compose) }
        order.flush(compose)
        recomposition.flush { builder.append($0, from: $1) }
        text = builder.text
    }

    private func mayChange(_ bytes: [UInt8]) -> Bool {
        let unstable = Composition.unstable(form)
        return bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                if bytes[index] < 0x80 {
                    index += 1
                    continue
                }
                let (scalar, length) = UTF8Reading.scalar(in: bytes, at: index)
                if unstable.contains(scalar) { return true }
                index += length
            }
            return false
        }
    }
}
