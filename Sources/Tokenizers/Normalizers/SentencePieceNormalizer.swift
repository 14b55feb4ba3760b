/// The normalization that SentencePiece itself does, while ``Precompiled`` is what upstream does with its rules: the
/// longest match counts, and spaces are evened out.
struct SentencePieceNormalizer: Normalizer {
    private let map: CharsMap?

    init(_ map: CharsMap?) { self.map = map }

    func normalize(_ text: inout NormalizedText) {
        var builder = NormalizedTextBuilder(from: text)
        // A space is written once what follows it comes, so that none is at the ends and none follows another.
        var space: Int32?
        func append(_ scalar: Unicode.Scalar, from origin: Int32) {
            guard scalar != " " else {
                if !builder.bytes.isEmpty { space = space ?? origin }
                return
            }
            if let origin = space { builder.append(" ", from: origin) }
            space = nil
            builder.append(scalar, from: origin)
        }
        text.bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let origin = text.origin(of: index)
                if let match = map?.longestReplacement(for: bytes[index...]) {
                    for scalar in String(decoding: match.replacement, as: UTF8.self).unicodeScalars {
                        append(scalar, from: origin)
                    }
                    index += match.length
                } else {
                    let (scalar, length) = UTF8Reading.scalar(in: bytes, at: index)
                    append(scalar, from: origin)
                    index += length
                }
            }
        }
        text = builder.text
    }
}
