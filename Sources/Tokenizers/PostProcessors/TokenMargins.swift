/// The numbers of spaces that a token's text begins and ends with.
struct TokenMargins: Sendable, Equatable {
    var leading: Int32 = 0
    var trailing: Int32 = 0

    init() {}

    /// The margins of a token's text. Spaces are white space, and what byte-level models write for U+0020.
    init(of text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < text.count, case let (scalar, length) = UTF8Reading.scalar(in: text, at: index),
            Self.isSpace(scalar)
        {
            leading += 1
            index += length
        }
        var end = text.count
        while end > 0, case let (scalar, length) = UTF8Reading.scalar(in: text, before: end), Self.isSpace(scalar) {
            trailing += 1
            end -= length
        }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        // Most text is letters of ASCII.
        if case 0x21...0x7E = scalar.value { return false }
        return scalar == ByteAlphabet.space || scalar.properties.isWhitespace
    }
}

/// The margins of all tokens of a vocabulary.
struct VocabularyMargins: Sendable {
    /// In the order of the vocabulary's places.
    private let margins: [TokenMargins]

    init(_ vocabulary: Vocabulary) {
        margins = vocabulary.texts.map { text in text.withUnsafeBufferPointer { TokenMargins(of: $0) } }
    }

    /// The margins of the token at `place`, which is one of the vocabulary.
    subscript(place: Int) -> TokenMargins { margins[place] }
}

extension Encoding {
    /// Takes the spaces out of the offsets of tokens that begin or end with some, also in overflowing pieces.
    ///
    /// - Parameter addPrefixSpace: whether the one space that the first token begins with may have been put there.
    mutating func trimOffsets(addPrefixSpace: Bool) {
        for index in margins.indices where margins[index] != TokenMargins() {
            let range = offsets[index]
            var (leading, trailing) = (Int(margins[index].leading), Int(margins[index].trailing))
            let isFirst = index == 0 || range.lowerBound == 0
            if isFirst, addPrefixSpace, leading == 1 { leading = 0 }
            let start = min(range.lowerBound + leading, range.upperBound)
            if trailing > range.upperBound { trailing = 0 }
            offsets[index] = start..<max(range.upperBound - trailing, start)
        }
        for index in overflowing.indices { overflowing[index].trimOffsets(addPrefixSpace: addPrefixSpace) }
    }
}
