/// The `nmt` rules of SentencePiece for control characters and spaces: some are removed, some become a space.
struct Nmt: Normalizer {
    func normalize(_ text: inout NormalizedText) {
        text = text.rebuilt { scalar, origin, builder in
            switch scalar.value {
            case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: break
            case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
                builder.append(" ", from: origin)
            default: builder.append(scalar, from: origin)
            }
        }
    }
}
