/// A mark on each token of a vocabulary, or none.
struct TokenMarks: Sendable {
    private var words: [UInt64] = []

    /// Takes all marks away.
    mutating func clear(vocabularySize: Int) {
        words.removeAll(keepingCapacity: true)
        words.append(contentsOf: repeatElement(0, count: (vocabularySize + 63) / 64))
    }

    /// Marks a token and returns true if it had no mark. Tokens that are not of the vocabulary get none.
    mutating func insert(_ id: Int32) -> Bool {
        guard id >= 0, words.indices.contains(Int(id) / 64) else { return false }
        let bit = UInt64(1) << UInt64(id % 64)
        guard words[Int(id) / 64] & bit == 0 else { return false }
        words[Int(id) / 64] |= bit
        return true
    }
}
