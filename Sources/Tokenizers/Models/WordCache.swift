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

    /// A slot: a version, which is odd while somebody writes; a summary; the tokens, six bytes each; the word's bytes.
    private static let wordsOfASlot = 16
    private static let payloadBytes = (wordsOfASlot - 2) * 8
    private static let bytesOfAToken = 6

    private typealias Word = Atomic<UInt64>
    private let words: UnsafeMutablePointer<Word>
    /// Whether a slot's word was asked for again.
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

    /// What a slot holds, in 64 bits; 0 for an empty one.
    private struct Summary: Equatable {
        var bits: UInt64

        init(bits: UInt64) { self.bits = bits }

        init(hash: UInt64, wordLength: Int, tokenCount: Int) {
            bits = hash & ~0xFFFF | UInt64(wordLength) << 8 | UInt64(tokenCount)
        }

        var tokenCount: Int { Int(bits & 0xFF) }
        var wordLength: Int { Int(bits >> 8 & 0xFF) }
        var payload: Int { tokenCount * WordCache.bytesOfAToken + wordLength }

        func isOf(_ hash: UInt64, wordLength: Int) -> Bool {
            (bits ^ hash) & ~0xFFFF == 0 && self.wordLength == wordLength
        }
    }

    /// Appends the tokens of `word`, which begins at `start`, if they are remembered.
    ///
    /// - Returns: whether they were.
    @inline(__always)
    func append(tokensOf word: UnsafeBufferPointer<UInt8>, at start: Int, to tokens: inout [Token]) -> Bool {
        guard word.count > 0, word.count < Self.payloadBytes else { return false }
        let hash = hash(word)
        let first = firstSlot(hash)
        for slot in first..<first + Self.slotsOfASet {
            let summary = Summary(bits: words[slot * Self.wordsOfASlot + 1].load(ordering: .relaxed))
            guard summary.isOf(hash, wordLength: word.count) else { continue }
            if read(slot, word, at: start, into: &tokens) { return true }
        }
        return false
    }

    /// Appends the tokens of a slot, if it holds this word and nobody writes to it.
    private func read(
        _ slot: Int, _ word: UnsafeBufferPointer<UInt8>, at start: Int, into tokens: inout [Token]
    ) -> Bool {
        let slotWords = words + slot * Self.wordsOfASlot
        return withUnsafeTemporaryAllocation(byteCount: Self.payloadBytes, alignment: 8) { payload in
            let version = slotWords[0].load(ordering: .acquiring)
            let summary = Summary(bits: slotWords[1].load(ordering: .relaxed))
            guard version & 1 == 0, summary.payload <= Self.payloadBytes, summary.wordLength == word.count else {
                return false
            }
            for index in 0..<(summary.payload + 7) / 8 {
                let bits = slotWords[2 + index].load(ordering: .relaxed)
                payload.storeBytes(of: bits, toByteOffset: 8 * index, as: UInt64.self)
            }
            atomicMemoryFence(ordering: .acquiring)
            guard slotWords[0].load(ordering: .relaxed) == version, let base = payload.baseAddress,
                let wordBase = word.baseAddress
            else { return false }
            let text = UnsafeRawPointer(base + summary.tokenCount * Self.bytesOfAToken)
            guard text.hasSameBytes(as: wordBase, count: word.count) else { return false }
            for index in 0..<summary.tokenCount {
                let part = UnsafeRawPointer(base + index * Self.bytesOfAToken)
                let lower = Int(part.load(fromByteOffset: 4, as: UInt8.self))
                let upper = Int(part.load(fromByteOffset: 5, as: UInt8.self))
                tokens.append(Token(id: part.loadUnaligned(as: Int32.self), range: start + lower..<start + upper))
            }
            if !marks[slot].load(ordering: .relaxed) { marks[slot].store(true, ordering: .relaxed) }
            return true
        }
    }

    /// Remembers the tokens of `word`, which begins at `start`, if they fit a slot.
    func store(_ tokens: ArraySlice<Token>, of word: UnsafeBufferPointer<UInt8>, at start: Int) {
        guard word.count > 0, tokens.count * Self.bytesOfAToken + word.count <= Self.payloadBytes,
            let wordBase = word.baseAddress
        else { return }
        let hash = hash(word)
        let summary = Summary(hash: hash, wordLength: word.count, tokenCount: tokens.count)
        withUnsafeTemporaryAllocation(byteCount: Self.payloadBytes, alignment: 8) { payload in
            for (index, token) in tokens.enumerated() {
                let offset = index * Self.bytesOfAToken
                payload.storeBytes(of: token.id, toByteOffset: offset, as: Int32.self)
                payload[offset + 4] = UInt8(token.range.lowerBound - start)
                payload[offset + 5] = UInt8(token.range.upperBound - start)
            }
            UnsafeMutableRawBufferPointer(rebasing: payload[(tokens.count * Self.bytesOfAToken)...])
                .copyMemory(from: UnsafeRawBufferPointer(start: wordBase, count: word.count))
            write(summary, payload, into: slotToFill(firstSlot(hash), hash))
        }
    }

    private func write(_ summary: Summary, _ payload: UnsafeMutableRawBufferPointer, into slot: Int) {
        let slotWords = words + slot * Self.wordsOfASlot
        let version = slotWords[0].load(ordering: .relaxed)
        guard version & 1 == 0 else { return }
        let (isMine, _) = slotWords[0].compareExchange(
            expected: version, desired: version + 1, ordering: .acquiringAndReleasing)
        guard isMine else { return }
        atomicMemoryFence(ordering: .releasing)
        slotWords[1].store(summary.bits, ordering: .relaxed)
        for index in 0..<(summary.payload + 7) / 8 {
            slotWords[2 + index].store(payload.load(fromByteOffset: 8 * index, as: UInt64.self), ordering: .relaxed)
        }
        marks[slot].store(false, ordering: .relaxed)
        slotWords[0].store(version + 2, ordering: .releasing)
    }

    /// The slot of a set that is empty, or whose word was not asked for again. If all were, they have to be once more.
    private func slotToFill(_ first: Int, _ hash: UInt64) -> Int {
        let set = first..<first + Self.slotsOfASet
        let isEmpty = { (slot: Int) in self.words[slot * Self.wordsOfASlot + 1].load(ordering: .relaxed) == 0 }
        if let empty = set.first(where: isEmpty) { return empty }
        // Where to begin is left to chance, which the hash's other bits are.
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
