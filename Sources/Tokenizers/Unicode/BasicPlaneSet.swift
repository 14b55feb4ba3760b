/// A set of scalars of the basic multilingual plane, one bit for each.
package struct BasicPlaneSet: Sendable {
    static let end: UInt32 = 0x10000
    /// The words of a set.
    static let wordCount = 0x10000 / 64

    /// Bit n of word m stands for the scalar 64·m + n.
    package private(set) var words = [UInt64](repeating: 0, count: wordCount)

    /// The empty set.
    init() {}

    /// The scalars for which `isMember` holds.
    init(where isMember: (Unicode.Scalar) -> Bool) {
        for value in 0..<Self.end {
            if let scalar = Unicode.Scalar(value), isMember(scalar) { insert(scalar) }
        }
    }

    @inline(__always)
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < Self.end && words[Int(scalar.value >> 6)] >> UInt64(scalar.value & 63) & 1 != 0
    }

    mutating func insert(_ scalar: Unicode.Scalar) {
        if scalar.value < Self.end { words[Int(scalar.value >> 6)] |= 1 << UInt64(scalar.value & 63) }
    }

    /// Inserts those values of a range that are in the plane, also such that are no scalars.
    mutating func insert(_ range: ClosedRange<UInt32>) {
        guard range.lowerBound < Self.end else { return }
        let last = min(range.upperBound, Self.end - 1)
        let (firstWord, lastWord) = (Int(range.lowerBound >> 6), Int(last >> 6))
        for word in firstWord...lastWord {
            var bits = UInt64.max
            if word == firstWord { bits &= UInt64.max << UInt64(range.lowerBound & 63) }
            if word == lastWord { bits &= UInt64.max >> UInt64(63 - (last & 63)) }
            words[word] |= bits
        }
    }

    mutating func formUnion(_ other: BasicPlaneSet) {
        for word in 0..<Self.wordCount { words[word] |= other.words[word] }
    }

    mutating func formIntersection(_ other: BasicPlaneSet) {
        for word in 0..<Self.wordCount { words[word] &= other.words[word] }
    }

    /// Takes what is not in the set instead of what is.
    mutating func invert() {
        for word in 0..<Self.wordCount { words[word] = ~words[word] }
    }

    /// Removes the values that are no scalars.
    mutating func removeSurrogates() {
        for word in 0xD800 / 64..<0xE000 / 64 { words[word] = 0 }
    }
}
