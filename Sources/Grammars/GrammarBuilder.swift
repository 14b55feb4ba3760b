/// Builds grammars from their ends to their starts: each part is told what follows it.
struct GrammarBuilder {
    private(set) var nodes: [GrammarNode] = [.end, .never]
    private(set) var sets: [ByteSet] = []
    private var numbers: [ByteSet: Int32] = [:]
    /// See ``Grammar/characterRules``.
    private(set) var characterRules: [GrammarPlace] = []
    var characters = CharacterPlaces()
    var values = AnyValuePlaces()
    /// The rules of sets of scalars.
    var scalarRules: [ScalarRule: GrammarPlace] = [:]
    /// Ranges of sets of scalars that may yet be looked at.
    var rangesLeft = 8_000_000
    /// The quote that ends the rule of a string.
    var closingQuote: GrammarPlace?
    /// Places that are one of many others, whose beginnings are yet to be merged.
    var choices: [(place: GrammarPlace, alternatives: [GrammarPlace])] = []

    /// The end of each rule.
    static let end: GrammarPlace = 0
    /// The place that nothing follows.
    static let never: GrammarPlace = 1
    /// Places that a grammar may have.
    static let mostPlaces = 400_000

    init() throws(GrammarError) { characterRules = try characterContinuations() }

    // MARK: Nodes

    mutating func add(_ node: GrammarNode) throws(GrammarError) -> GrammarPlace {
        guard nodes.count < Self.mostPlaces else {
            throw GrammarError("it is too large: its grammar would have more than \(Self.mostPlaces) places")
        }
        nodes.append(node)
        return GrammarPlace(nodes.count - 1)
    }

    /// A place that is defined later, so that what follows can lead back to it.
    mutating func reserve() throws(GrammarError) -> GrammarPlace { try add(.never) }

    /// Makes a reserved place the same as another.
    mutating func define(_ place: GrammarPlace, as other: GrammarPlace) {
        nodes[Int(place)] = .either(other, Self.never)
    }

    /// One byte of a set.
    mutating func byte(_ set: ByteSet, then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        guard !set.isEmpty, next != Self.never else { return Self.never }
        let number = numbers[set] ?? Int32(sets.count)
        if number == sets.count {
            sets.append(set)
            numbers[set] = number
        }
        return try add(.byte(set: number, next: next))
    }

    /// One byte of the set with a number.
    mutating func byte(_ set: Int32, then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        next == Self.never ? Self.never : try add(.byte(set: set, next: next))
    }

    /// One byte.
    mutating func byte(_ byte: UInt8, then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        try self.byte(ByteSet(CollectionOfOne(byte)), then: next)
    }

    /// A place that is the same as one or another.
    mutating func either(_ first: GrammarPlace, _ second: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        if first == Self.never || first == second { return second }
        return second == Self.never ? first : try add(.either(first, second))
    }

    /// A rule, and what follows it.
    mutating func call(_ rule: GrammarPlace, then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        if next == Self.end || rule == Self.never { return rule }
        return try add(.call(rule, next: next))
    }

    // MARK: Texts

    /// A text.
    mutating func literal(_ text: some BidirectionalCollection<UInt8>, then next: GrammarPlace) throws(GrammarError)
        -> GrammarPlace
    {
        guard next != Self.never else { return Self.never }
        var place = next
        for byte in text.reversed() { place = try self.byte(byte, then: place) }
        return place
    }

    /// A text.
    mutating func literal(_ text: String, then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        try literal(Array(text.utf8), then: next)
    }

    /// A text, or nothing.
    mutating func optional(_ text: String, then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        try either(literal(text, then: next), next)
    }
}

extension Grammar {
    /// The grammar of several texts, none of which is empty.
    ///
    /// - Throws: ``GrammarError`` for no text, an empty one, and too many or too long ones.
    package static func choice(of texts: [String]) throws(GrammarError) -> Grammar {
        guard !texts.isEmpty else { throw GrammarError("there is no text to choose") }
        guard !texts.contains("") else { throw GrammarError("one of the texts is empty") }
        var builder = try GrammarBuilder()
        let start = try builder.oneOf(texts.map { $0.utf8.map(TextSymbol.init) }, then: GrammarBuilder.end)
        return try Grammar(builder, start: start)
    }
}
