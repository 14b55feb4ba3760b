/// Removes combining marks.
struct StripAccents: Normalizer {
    func normalize(_ text: inout NormalizedText) {
        if text.isPlainASCII { return }
        text = text.rebuilt { scalar, origin, builder in
            if !UpstreamUnicode.isCombiningMark(scalar) { builder.append(scalar, from: origin) }
        }
    }
}
