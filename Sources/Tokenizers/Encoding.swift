/// A text, or a pair of texts, as the model reads it. All arrays have one entry per token.
public struct Encoding: Sendable, Equatable {
    /// Vocabulary ids.
    public var ids: [Int32]
    /// The segment that a token belongs to, as the post-processor numbers them (`token_type_ids`).
    public var typeIDs: [Int32]
    /// The token's place in its own original text (the first or the second), in Unicode scalars. Empty at 0 for tokens
    /// that stand for no text.
    public var offsets: [Range<Int>]
    /// The word that of its own text the token is a part of; nil for tokens that stand for no text.
    public var wordIDs: [Int?]
    /// True for the tokens that the post-processor added.
    public var specialTokensMask: [Bool]
    /// The tokens that truncation cut off, as encodings of the same length, if the truncation asked for them.
    public var overflowing: [Encoding]

    /// The spaces that each token's text begins and ends with, until the post-processor is through with it; empty where
    /// nobody asks.
    var margins: [TokenMargins] = []

    /// Number of tokens.
    public var count: Int { ids.count }

    /// An encoding without tokens.
    init() { (ids, typeIDs, offsets, wordIDs, specialTokensMask, overflowing) = ([], [], [], [], [], []) }

    /// The tokens of a text.
    ///
    /// - Parameters:
    ///   - tokens: the tokens of all words.
    ///   - wordEnds: how many of them the words up to each have.
    ///   - text: the normalised text that the tokens are of.
    init(_ tokens: [Token], wordEnds: [Int], of text: NormalizedText, typeID: Int32) {
        self.init()
        ids = tokens.map(\.id)
        typeIDs = Array(repeating: typeID, count: tokens.count)
        offsets = text.originalRanges(of: tokens)
        wordIDs = Array(unsafeUninitializedCapacity: tokens.count) { wordIDs, count in
            for (word, end) in wordEnds.enumerated() {
                while count < end {
                    wordIDs.initializeElement(at: count, to: word)
                    count += 1
                }
            }
        }
        specialTokensMask = Array(repeating: false, count: tokens.count)
    }

    /// Tokens that stand for no text, all of one type.
    init(special ids: [Int32], typeID: Int32) { self.init(ids, typeID: typeID, areSpecial: true) }

    /// The tokens of a first text that is not known itself.
    init(ofText ids: [Int32]) { self.init(ids, typeID: 0, areSpecial: false) }

    private init(_ ids: [Int32], typeID: Int32, areSpecial: Bool) {
        self.init()
        self.ids = ids
        typeIDs = Array(repeating: typeID, count: ids.count)
        offsets = Array(repeating: 0..<0, count: ids.count)
        wordIDs = Array(repeating: nil, count: ids.count)
        specialTokensMask = Array(repeating: areSpecial, count: ids.count)
    }

    /// The tokens in `range`, without overflow.
    ///
    /// - Precondition: `range` lies within the encoding.
    subscript(range: Range<Int>) -> Encoding {
        var part = Encoding()
        part.ids = Array(ids[range])
        part.typeIDs = Array(typeIDs[range])
        part.offsets = Array(offsets[range])
        part.wordIDs = Array(wordIDs[range])
        part.specialTokensMask = Array(specialTokensMask[range])
        if !margins.isEmpty { part.margins = Array(margins[range]) }
        return part
    }

    /// Forgets the margins, also those of overflowing pieces.
    mutating func removeMargins() {
        margins = []
        for index in overflowing.indices { overflowing[index].margins = [] }
    }

    /// Makes all tokens be of one type; overflowing pieces keep theirs, as upstream has it.
    mutating func setTypeID(_ typeID: Int32) {
        for index in typeIDs.indices { typeIDs[index] = typeID }
    }

    /// Makes all tokens be of type 0, also those of overflowing pieces, for models that are given no types.
    mutating func dropTypes() {
        setTypeID(0)
        for index in overflowing.indices { overflowing[index].setTypeID(0) }
    }

    /// Puts `other` behind this encoding. Overflow is combined as upstream does: every piece of the one with every
    /// piece of the other.
    mutating func append(_ other: Encoding) {
        var combined: [Encoding] = []
        for own in overflowing {
            for piece in [other] + other.overflowing { combined.append(own.followed(by: piece)) }
        }
        for piece in other.overflowing { combined.append(followed(by: piece)) }
        overflowing = combined
        appendTokens(of: other)
    }

    private func followed(by other: Encoding) -> Encoding {
        var result = self
        result.overflowing = []
        result.appendTokens(of: other)
        return result
    }

    private mutating func appendTokens(of other: Encoding) {
        if !margins.isEmpty || !other.margins.isEmpty {
            margins += repeatElement(TokenMargins(), count: count - margins.count) + other.margins
            margins += repeatElement(TokenMargins(), count: count + other.count - margins.count)
        }
        ids += other.ids
        typeIDs += other.typeIDs
        offsets += other.offsets
        wordIDs += other.wordIDs
        specialTokensMask += other.specialTokensMask
    }
}
