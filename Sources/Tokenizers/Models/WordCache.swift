import Synchronization

/// Remembers how words were cut, for all threads together and without locks, in a few MiB.
///
/// A word has four slots to be in, a set. A slot holds the word and its tokens in whole; who reads it checks by a version
/// that nobody wrote meanwhile, and who writes gives way to another who does. A full set lets go of a word that was not
/// asked for again since it came, or since all of its words were asked for: so what comes once pushes out what comes once.
final class WordCache: @unchecked Sendable {
    // Sendable: all of the memory is atomic.

    private static let slotCount = 1 << 15
    private static let slotsOfASet = 4

    /// A slot: a version, which is odd while somebody writes; a summary; the word's bytes, eight at a time; its tokens.
    private static let wordsOfASlot = 16
    private static let payloadWords = wordsOfASlot - 2

    private typealias Word = Atomic<UInt64>
    private let words: UnsafeMutablePointer<Word>
    /// True if a slot's word was asked for again.
    private let marks: UnsafeMutablePointer<Atomic<Bool>>
    private let hash = ByteHash()

    init() {
        words = .allocate(capacity: Self.slotCount * Self.wordsOfASlot)
        for index in 0..<Self.slotCount * Self.wordsOfASlot { (words + index).initialize(to: Word(0)) }
        marks = .allocate(capacity: Self.slotCount)
        for index in 0..<Self.slotCount { (marks + index).initialize(to: Atomic(false)) }
    }

    deinit {
        words.deinitialize(count: Self.slotCount * Self.wordsOfASlot)
        words.deallocate()
        marks.deinitialize(count: Self.slotCount)
        marks.deallocate()
    }

    /// The contents of a slot, in 64 bits; 0 for an empty one.
    private struct Summary: Equatable {
        var bits: UInt64

        init(bits: UInt64) { self.bits = bits }

        init(hash: UInt64, wordLength: Int, tokenCount: Int) {
            bits = hash & ~0xFFFF | UInt64(wordLength) << 8 | UInt64(tokenCount)
        }

        var tokenCount: Int { Int(bits & 0xFF) }

        func isOf(_ hash: UInt64, wordLength: Int) -> Bool {
            (bits ^ hash) & ~0xFFFF == 0 && Int(bits >> 8 & 0xFF) == wordLength
        }
    }

    /// Appends the tokens of `word`, which begins at `start`, if they are remembered.
    ///
    /// - Returns: whether they were.
    @inline(__always)
    func append(tokensOf word: UnsafeBufferPointer<UInt8>, at start: Int, to tokens: inout [Token]) -> Bool {
        guard word.count > 0, word.count < Self.payloadWords * 8 else { return false }
        let hash = hash(word)
        let first = firstSlot(hash)
        for slot in first..<first + Self.slotsOfASet {
            let summary = Summary(bits: words[slot * Self.wordsOfASlot + 1].load(ordering: .relaxed))
            guard summary.isOf(hash, wordLength: word.count) else { continue }
            if read(slot, summary, word, at: start, into: &tokens) { return true }
        }
        return false
    }

    /// Appends the tokens of a slot, if it holds this word and nobody writes to it meanwhile.
    @inline(__always)
    private func read(
        _ slot: Int, _ summary: Summary, _ word: UnsafeBufferPointer<UInt8>, at start: Int, into tokens: inout [Token]
    ) -> Bool {
        let slotWords = words + slot * Self.wordsOfASlot
        let version = slotWords[0].load(ordering: .acquiring)
        let chunks = (word.count + 7) / 8
        guard version & 1 == 0, slotWords[1].load(ordering: .relaxed) == summary.bits,
            chunks + summary.tokenCount <= Self.payloadWords
        else { return false }
        for chunk in 0..<chunks where slotWords[2 + chunk].load(ordering: .relaxed) != Self.chunk(chunk, of: word) {
            return false
        }
        let before = tokens.count
        for index in 0..<summary.tokenCount {
            let part = slotWords[2 + chunks + index].load(ordering: .relaxed)
            let (lower, upper) = (Int(part >> 32 & 0xFFFF), Int(part >> 48))
            guard lower <= upper else { break }
            let range = start + lower..<start + upper
            tokens.append(Token(id: Int32(truncatingIfNeeded: part), range: range))
        }
        atomicMemoryFence(ordering: .acquiring)
        guard slotWords[0].load(ordering: .relaxed) == version else {
            // The tokens that were read may be of two words.
            tokens.removeSubrange(before...)
            return false
        }
        if !marks[slot].load(ordering: .relaxed) { marks[slot].store(true, ordering: .relaxed) }
        return true
    }

    /// Eight bytes of a word, or what is left of it: words of the same length are the same if all of their chunks are.
    @inline(__always)
    private static func chunk(_ index: Int, of word: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawBufferPointer(word)
        let (offset, count) = (index * 8, raw.count)
        let rest = count - offset
        if rest >= 8 { return raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        if rest >= 4 {
            let low = raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)) << 32 | UInt64(low)
        }
        return UInt64(raw[offset]) | UInt64(raw[offset + rest / 2]) << 8 | UInt64(raw[count - 1]) << 16
    }

    /// Remembers the tokens of `word`, which begins at `start`, if they fit a slot.
    func store(_ tokens: ArraySlice<Token>, of word: UnsafeBufferPointer<UInt8>, at start: Int) {
        let chunks = (word.count + 7) / 8
        guard word.count > 0, chunks + tokens.count <= Self.payloadWords else { return }
        let hash = hash(word)
        let slotWords = words + slotToFill(firstSlot(hash), hash) * Self.wordsOfASlot
        let version = slotWords[0].load(ordering: .relaxed)
        guard version & 1 == 0 else { return }
        let (isMine, _) = slotWords[0].compareExchange(
            expected: version, desired: version + 1, ordering: .acquiringAndReleasing)
        guard isMine else { return }
        atomicMemoryFence(ordering: .releasing)
        let summary = Summary(hash: hash, wordLength: word.count, tokenCount: tokens.count)
        slotWords[1].store(summary.bits, ordering: .relaxed)
        for chunk in 0..<chunks { slotWords[2 + chunk].store(Self.chunk(chunk, of: word), ordering: .relaxed) }
        for (index, token) in tokens.enumerated() {
            let (lower, upper) = (token.range.lowerBound - start, token.range.upperBound - start)
            let part = UInt64(UInt32(bitPattern: token.id)) | UInt64(lower) << 32 | UInt64(upper) << 48
            slotWords[2 + chunks + index].store(part, ordering: .relaxed)
        }
        slotWords[0].store(version + 2, ordering: .releasing)
    }

    /// The slot of a set that is empty, or whose word was not asked for again. If all were, they have to be once more.
    private func slotToFill(_ first: Int, _ hash: UInt64) -> Int {
        let set = first..<first + Self.slotsOfASet
        let isEmpty = { (slot: Int) in self.words[slot * Self.wordsOfASlot + 1].load(ordering: .relaxed) == 0 }
        if let empty = set.first(where: isEmpty) { return empty }
        // The first slot is left to chance, which the hash's other bits are.
        let start = Int(hash >> 60) % Self.slotsOfASet
        for index in 0..<Self.slotsOfASet {
            let slot = first + (start + index) % Self.slotsOfASet
            if !marks[slot].load(ordering: .relaxed) { return slot }
        }
        for slot in set { marks[slot].store(false, ordering: .relaxed) }
        return first + start
    }

    @inline(__always)
    private func firstSlot(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (Self.slotCount - Self.slotsOfASet)
    }
}
