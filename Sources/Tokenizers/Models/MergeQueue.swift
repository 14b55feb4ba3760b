/// Symbols of a word that are merged pair by pair: always the pair of the lowest rank, of equal ones the leftmost.
///
/// A heap has the candidates, so that a word of n symbols takes n log n steps however long it is. (The algorithm of
/// SentencePiece's BPE, Kudo and Richardson 2018.)
struct MergeQueue {
    /// A part of the word.
    struct Symbol {
        /// Its token.
        var id: Int32
        /// Its bytes; 0 once it is part of the symbol on its left.
        var length: Int32
        fileprivate var previous: Int32
        fileprivate var next: Int32
    }

    private struct Candidate {
        /// The rank, and below it the place of the left symbol.
        var key: UInt64
        /// The token that the pair becomes.
        var id: Int32
    }

    private var symbols: [Symbol] = []
    private var heap: [Candidate] = []

    /// An empty word, with room for `capacity` symbols.
    init(capacity: Int) { symbols.reserveCapacity(capacity) }

    /// Puts a symbol behind the others.
    mutating func append(_ id: Int32, length: Int) {
        let place = Int32(symbols.count)
        if place > 0 { symbols[Int(place) - 1].next = place }
        symbols.append(Symbol(id: id, length: Int32(length), previous: place - 1, next: -1))
    }

    /// Makes all merges.
    mutating func mergeAll(_ merges: MergeTable) {
        guard symbols.count > 1 else { return }
        heap.reserveCapacity(symbols.count)
        merges.withReader { merges in
            for place in 0..<symbols.count - 1 { consider(place, merges) }
            while let top = pop() { merge(top, merges) }
        }
    }

    /// Calls `body` with the symbols that are left.
    func forEach(_ body: (Symbol) -> Void) {
        for symbol in symbols where symbol.length > 0 { body(symbol) }
    }

    @inline(__always)
    private mutating func consider(_ place: Int, _ merges: MergeTable.Reader) {
        let symbol = symbols[place]
        guard symbol.next >= 0, let merge = merges[symbol.id, symbols[Int(symbol.next)].id] else { return }
        push(Candidate(key: UInt64(merge.rank) << 32 | UInt64(place), id: merge.id))
    }

    private mutating func merge(_ candidate: Candidate, _ merges: MergeTable.Reader) {
        let place = Int(UInt32(truncatingIfNeeded: candidate.key))
        let left = symbols[place]
        guard left.length > 0, left.next >= 0 else { return }
        let right = symbols[Int(left.next)]
        // A candidate may be outdated; what counts is whether its place still gives its token.
        guard merges[left.id, right.id]?.id == candidate.id else { return }
        symbols[place].id = candidate.id
        symbols[place].length += right.length
        symbols[place].next = right.next
        symbols[Int(left.next)].length = 0
        if right.next >= 0 { symbols[Int(right.next)].previous = Int32(place) }
        if left.previous >= 0 { consider(Int(left.previous), merges) }
        consider(place, merges)
    }

    // MARK: The heap

    private mutating func push(_ candidate: Candidate) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 4
            guard candidate.key < heap[parent].key else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = candidate
    }

    private mutating func pop() -> Candidate? {
        guard let top = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return top }
        var parent = 0
        while true {
            let first = 4 * parent + 1
            guard first < heap.count else { break }
            var least = first
            for child in first + 1..<max(first + 1, min(first + 4, heap.count)) where heap[child].key < heap[least].key
            {
                least = child
            }
            guard heap[least].key < last.key else { break }
            heap[parent] = heap[least]
            parent = least
        }
        heap[parent] = last
        return top
    }
}
