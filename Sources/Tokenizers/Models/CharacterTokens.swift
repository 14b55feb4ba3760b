/// The tokens of single characters, which a BPE model starts from.
struct CharacterTokens: Sendable {
    /// A character in its place in a word.
    struct Character {
        var bytes: UnsafeBufferPointer<UInt8>
        var isFirst: Bool
        var isLast: Bool
    }

    /// Scalars below have their tokens in a table: those of one or two bytes, as which byte-level models write bytes.
    private static let tableEnd: UInt32 = 0x800

    private let vocabulary: Vocabulary
    private let continuingSubwordPrefix: [UInt8]
    private let endOfWordSuffix: [UInt8]
    /// The tokens of characters without prefix and suffix; -1 where there is none.
    private let table: [Int32]

    init(_ vocabulary: Vocabulary, continuingSubwordPrefix: String, endOfWordSuffix: String) {
        self.vocabulary = vocabulary
        self.continuingSubwordPrefix = Array(continuingSubwordPrefix.utf8)
        self.endOfWordSuffix = Array(endOfWordSuffix.utf8)
        table = (0..<Self.tableEnd).map { value in
            Unicode.Scalar(value).flatMap { vocabulary.id(of: String($0)) } ?? -1
        }
    }

    /// The token of a character, with the prefix and the suffix that its place demands.
    @inline(__always)
    func id(of character: Character) -> Int32? {
        if isDecorated(character) { return decorated(character).withUnsafeBufferPointer { vocabulary.id(of: $0) } }
        guard character.bytes.count <= 2 else { return vocabulary.id(of: character.bytes) }
        let id = table[Int(UTF8Reading.scalar(in: character.bytes, at: 0).scalar.value % Self.tableEnd)]
        return id < 0 ? nil : id
    }

    /// The character's bytes with the prefix and the suffix that its place demands.
    func decorated(_ character: Character) -> [UInt8] {
        (character.isFirst ? [] : continuingSubwordPrefix) + character.bytes + (character.isLast ? endOfWordSuffix : [])
    }

    @inline(__always)
    private func isDecorated(_ character: Character) -> Bool {
        (!character.isFirst && !continuingSubwordPrefix.isEmpty) || (character.isLast && !endOfWordSuffix.isEmpty)
    }
}
