extension NormalizedText {
    /// The part in `range`, with its origins.
    ///
    /// - Precondition: `range` lies within the text and cuts no scalar.
    subscript(range: Range<Int>) -> NormalizedText {
        guard let origins else {
            return NormalizedText(plain: Array(bytes[range]), firstOrigin: firstOrigin + Int32(range.lowerBound))
        }
        return NormalizedText(bytes: Array(bytes[range]), origins: Array(origins[range]))
    }

    /// Puts `prefix` before the text, unless that is empty; it counts as part of the first scalar.
    mutating func prepend(_ prefix: [UInt8]) {
        guard !bytes.isEmpty, !prefix.isEmpty else { return }
        let origins = Array(repeating: origin(of: 0), count: prefix.count) + allOrigins
        self = NormalizedText(bytes: prefix + bytes, origins: origins)
    }

    /// Replaces what stands at `matches` (ascending, not empty, without overlap) by `content`, which counts as part of
    /// the last scalar it replaces.
    mutating func replace(_ matches: [Range<Int>], with content: [UInt8]) {
        let old = allOrigins
        var newBytes: [UInt8] = []
        var newOrigins: [Int32] = []
        newBytes.reserveCapacity(bytes.count)
        newOrigins.reserveCapacity(bytes.count)
        var end = 0
        for match in matches {
            newBytes += bytes[end..<match.lowerBound]
            newOrigins += old[end..<match.lowerBound]
            newBytes += content
            newOrigins += repeatElement(old[match.upperBound - 1], count: content.count)
            end = match.upperBound
        }
        self = NormalizedText(bytes: newBytes + bytes[end...], origins: newOrigins + old[end...])
    }
}
