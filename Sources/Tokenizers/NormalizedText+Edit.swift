extension NormalizedText {
    /// The part in `range`, with its origins.
    ///
    /// - Precondition: `range` lies within the text and cuts no scalar.
    subscript(range: Range<Int>) -> NormalizedText { part(range, start: nil) }

    /// Removes what is not in `range`, which cuts no scalar.
    mutating func keep(_ range: Range<Int>) { self = part(range, start: start) }

    private func part(_ range: Range<Int>, start: Int32?) -> NormalizedText {
        guard let origins else {
            let firstOrigin = firstOrigin + Int32(range.lowerBound)
            return NormalizedText(plain: Array(bytes[range]), firstOrigin: firstOrigin, start: start)
        }
        return NormalizedText(bytes: Array(bytes[range]), origins: Array(origins[range]), start: start)
    }

    /// Puts `prefix` before the text, unless that is empty; it counts as part of the first scalar.
    mutating func prepend(_ prefix: [UInt8]) {
        guard !bytes.isEmpty, !prefix.isEmpty else { return }
        let origins = Array(repeating: origin(of: 0), count: prefix.count) + allOrigins
        self = NormalizedText(bytes: prefix + bytes, origins: origins, start: start)
    }

    /// Replaces each match of `pattern` by `content`, which counts as part of the last scalar it replaces, or if it
    /// replaces nothing of the scalar before it.
    mutating func replace(_ pattern: some TextPattern, with content: [UInt8]) {
        var matches: [Range<Int>] = []
        bytes.withUnsafeBufferPointer { bytes in pattern.forEachMatch(in: bytes) { matches.append($0) } }
        if matches.isEmpty { return }
        var builder = NormalizedTextBuilder(from: self)
        var end = 0
        for match in matches {
            builder.append(end..<match.lowerBound, of: self)
            builder.append(content, from: origin(before: match.upperBound))
            end = match.upperBound
        }
        builder.append(end..<bytes.count, of: self)
        self = builder.text
    }
}
