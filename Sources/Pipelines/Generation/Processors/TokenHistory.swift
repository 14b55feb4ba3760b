/// The tokens of a sequence so far: those of the prompt and those that were generated.
struct TokenHistory: Sendable {
    private(set) var tokens: [Int32]
    let promptLength: Int

    init(prompt: [Int32], answer: [Int32] = []) { (tokens, promptLength) = (prompt + answer, prompt.count) }

    var prompt: ArraySlice<Int32> { tokens[..<promptLength] }
    var generated: ArraySlice<Int32> { tokens[promptLength...] }

    mutating func append(_ id: Int32) { tokens.append(id) }

    /// Tells whether the sequence ends so.
    func ends(with tail: some BidirectionalCollection<Int32>) -> Bool {
        tail.count <= tokens.count && tokens.suffix(tail.count).elementsEqual(tail)
    }
}
