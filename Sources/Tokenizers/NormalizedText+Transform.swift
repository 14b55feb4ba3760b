extension NormalizedText {
    /// One scalar of a rewritten text.
    struct Rewritten {
        var scalar: Unicode.Scalar
        /// The step that it takes through the old text: 0 takes the place of the next scalar, 1 is put in behind it,
        /// and -n takes the place of the next one and removes n more.
        var change: Int
    }

    /// Replaces the text by `scalars`. What their changes do not say, as that something vanished before the first of
    /// them, upstream's alignment does not know either: the others then move up.
    mutating func rewrite(as scalars: [Rewritten]) {
        var builder = NormalizedTextBuilder(from: self)
        var cursor = 0
        for (scalar, change) in scalars.lazy.map({ ($0.scalar, $0.change) }) {
            let isInserted = change > 0 || cursor == bytes.count
            builder.append(scalar, from: isInserted ? origin(before: cursor) : origin(of: cursor))
            if change <= 0 { skipScalars(1 - change, at: &cursor) }
        }
        self = builder.text
    }

    /// Moves `index` on by `count` scalars, at most to the end.
    private func skipScalars(_ count: Int, at index: inout Int) {
        for _ in 0..<count where index < bytes.count {
            index += 1
            while index < bytes.count, bytes[index] & 0xC0 == 0x80 { index += 1 }
        }
    }
}
