/// A part of a text that is one of several: a byte, or ``TextSymbols/optionalSpace``.
typealias TextSymbol = UInt16

/// The parts of texts that are no bytes.
enum TextSymbols {
    /// A space, or none.
    static let optionalSpace: TextSymbol = 256
}

extension GrammarBuilder {
    /// One of several texts, which share their beginnings and their ends.
    ///
    /// Takes time linear in the texts, but for sorting them.
    mutating func oneOf(_ texts: [[TextSymbol]], then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        guard next != Self.never, !texts.isEmpty else { return Self.never }
        var branches = TextBranches(next: next)
        for text in texts.sorted(by: { $0.lexicographicallyPrecedes($1) }) { try branches.add(text, &self) }
        return try branches.finish(&self)
    }
}

/// The places of sorted texts, each made when no more texts go through it; those with the same continuations are one.
private struct TextBranches {
    /// A place that is not yet made: the texts may end there, or go on with these symbols.
    private struct Branch: Hashable {
        var isEnd = false
        var symbols: [TextSymbol] = []
        var places: [GrammarPlace] = []
    }

    private let next: GrammarPlace
    /// The branches along the last text, from its beginning on.
    private var open = [Branch()]
    private var last: [TextSymbol] = []
    private var places: [Branch: GrammarPlace] = [:]

    init(next: GrammarPlace) { self.next = next }

    mutating func add(_ text: [TextSymbol], _ builder: inout GrammarBuilder) throws(GrammarError) {
        var shared = 0
        while shared < last.count, shared < text.count, last[shared] == text[shared] { shared += 1 }
        try close(to: shared, &builder)
        for _ in shared..<text.count { open.append(Branch()) }
        open[open.count - 1].isEnd = true
        last = text
    }

    mutating func finish(_ builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace {
        try close(to: 0, &builder)
        return try place(of: open[0], &builder)
    }

    /// Makes the places of the last text behind so many symbols.
    private mutating func close(to length: Int, _ builder: inout GrammarBuilder) throws(GrammarError) {
        while open.count > length + 1 {
            let place = try place(of: open.removeLast(), &builder)
            open[open.count - 1].symbols.append(last[open.count - 1])
            open[open.count - 1].places.append(place)
        }
    }

    private mutating func place(of branch: Branch, _ builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace
    {
        if let known = places[branch] { return known }
        var sets: [(bytes: ByteSet, next: GrammarPlace)] = []
        var place = branch.isEnd ? next : GrammarBuilder.never
        for (symbol, next) in zip(branch.symbols, branch.places) {
            guard let byte = UInt8(exactly: symbol) else {
                place = try builder.either(place, builder.optional(" ", then: next))
                continue
            }
            if sets.last?.next == next {
                sets[sets.count - 1].bytes.insert(byte)
            } else {
                sets.append((ByteSet(CollectionOfOne(byte)), next))
            }
        }
        for (bytes, next) in sets { place = try builder.either(place, builder.byte(bytes, then: next)) }
        places[branch] = place
        return place
    }
}
