/// Removes white space at the ends.
struct Strip: Normalizer {
    private let stripLeft: Bool
    private let stripRight: Bool

    init(_ field: Field) throws(TokenizerError) {
        stripLeft = try field["strip_left"].bool()
        stripRight = try field["strip_right"].bool()
    }

    func normalize(_ text: inout NormalizedText) {
        let kept = text.bytes.withUnsafeBufferPointer { bytes in
            var (start, end) = (0, bytes.count)
            while stripLeft, start < end, case let (scalar, length) = UTF8Reading.scalar(in: bytes, at: start),
                UpstreamUnicode.isWhitespace(scalar)
            {
                start += length
            }
            while stripRight, start < end, case let (scalar, length) = UTF8Reading.scalar(in: bytes, before: end),
                UpstreamUnicode.isWhitespace(scalar)
            {
                end -= length
            }
            return start..<end
        }
        if kept.count < text.bytes.count { text.keep(kept) }
    }
}
