import Synchronization

/// Remembers how words were cut, for all threads together and without locks.
///
/// A slot is filled at most once and never emptied, so whoever reads an entry can rely on it, and the memory is bounded:
/// when the slots of a word are taken, it is not remembered. As text goes, the words that come often come early.
final class WordCache: @unchecked Sendable {
    // Sendable: slots are atomic, and an entry does not change once it is published in one.

    /// Longer words seldom come twice.
    private static let longestWord = 256
    private static let slotCount = 1 << 16
    /// How many slots a word may take one of.
    private static let probes = 4

    private typealias Slot = Atomic<UnsafeMutableRawPointer?>
    private let slots: UnsafeMutablePointer<Slot>
    private let hash = ByteHash()

    init() {
        slots = .allocate(capacity: Self.slotCount)
        for index in 0..<Self.slotCount { (slots + index).initialize(to: Slot(nil)) }
    }

    deinit {
        for index in 0..<Self.slotCount { slots[index].load(ordering: .acquiring)?.deallocate() }
        slots.deinitialize(count: Self.slotCount)
        slots.deallocate()
    }

    /// An entry: this header, its tokens, the bytes of the word.
    private struct Header {
        var hash: UInt64
        var wordLength: Int32
        var tokenCount: Int32
    }

    /// A token of an entry; its bytes count from the word's beginning.
    private struct Part {
        var id: Int32
        var start: UInt16
        var end: UInt16
    }

    /// Appends the tokens of `word`, which begins at `start`, if they are remembered.
    ///
    /// - Returns: whether they were.
    @inline(__always)
    func append(tokensOf word: UnsafeBufferPointer<UInt8>, at start: Int, to tokens: inout [Token]) -> Bool {
        guard word.count < Self.longestWord, let base = word.baseAddress else { return false }
        let hash = hash(word)
        for probe in 0..<Self.probes {
            guard let entry = slots[slot(hash, probe)].load(ordering: .acquiring) else { return false }
            let header = entry.load(as: Header.self)
            guard header.hash == hash, Int(header.wordLength) == word.count else { continue }
            let parts = (entry + MemoryLayout<Header>.size).assumingMemoryBound(to: Part.self)
            let count = Int(header.tokenCount)
            guard UnsafeRawPointer(parts + count).hasSameBytes(as: base, count: word.count) else { continue }
            for index in 0..<count {
                let part = parts[index]
                tokens.append(Token(id: part.id, range: start + Int(part.start)..<start + Int(part.end)))
            }
            return true
        }
        return false
    }

    /// Remembers the tokens of `word`, which begins at `start`, if it is short and there is room.
    func store(_ tokens: ArraySlice<Token>, of word: UnsafeBufferPointer<UInt8>, at start: Int) {
        guard word.count < Self.longestWord, let base = word.baseAddress else { return }
        let hash = hash(word)
        guard let free = (0..<Self.probes).first(where: { slots[slot(hash, $0)].load(ordering: .relaxed) == nil })
        else {
            return
        }
        let partsSize = tokens.count * MemoryLayout<Part>.stride
        let size = MemoryLayout<Header>.size + partsSize + word.count
        let entry = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<Header>.alignment)
        entry.storeBytes(
            of: Header(hash: hash, wordLength: Int32(word.count), tokenCount: Int32(tokens.count)), as: Header.self)
        let parts = entry + MemoryLayout<Header>.size
        for (index, token) in tokens.enumerated() {
            let part = Part(
                id: token.id, start: UInt16(token.range.lowerBound - start), end: UInt16(token.range.upperBound - start)
            )
            parts.storeBytes(of: part, toByteOffset: index * MemoryLayout<Part>.stride, as: Part.self)
        }
        (parts + partsSize).copyMemory(from: base, byteCount: word.count)
        let (published, _) = slots[slot(hash, free)].compareExchange(
            expected: nil, desired: entry, ordering: .acquiringAndReleasing)
        if !published { entry.deallocate() }
    }

    @inline(__always)
    private func slot(_ hash: UInt64, _ probe: Int) -> Int {
        (Int(truncatingIfNeeded: hash) &+ probe) & (Self.slotCount - 1)
    }
}
