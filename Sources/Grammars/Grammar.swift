/// A place in a grammar, by its number among all.
typealias GrammarPlace = Int32

/// A node of a grammar: what may follow at a place.
enum GrammarNode: Sendable {
    /// The rule ends, and the text goes on behind its call; in the outermost rule the text may end.
    case end
    /// Nothing may follow.
    case never
    /// One byte of the set with this number.
    case byte(set: Int32, next: GrammarPlace)
    /// The same as at one place or at another.
    case either(GrammarPlace, GrammarPlace)
    /// A rule, and what follows behind it.
    case call(GrammarPlace, next: GrammarPlace)
    /// A character within a string of JSON, raw or escaped; the rule ends as at ``end`` if none is needed any more.
    ///
    /// - Parameters:
    ///   - needed: characters that have to come before the end
    ///   - room: characters that may come; `Int32.max` for any number
    case character(needed: Int32, room: Int32, next: GrammarPlace)
}

/// The texts of a form: an automaton over bytes with a stack of calls.
///
/// Each place can be left: whoever follows it byte by byte comes to an end.
package struct Grammar: Sendable {
    let nodes: [GrammarNode]
    let sets: [ByteSet]
    let start: GrammarPlace
    /// The rules of the bytes behind the first one of a character of a string, by that first byte.
    let characterRules: [GrammarPlace]
    /// Calls that are open at the same time at most behind a place until the text can end; `Int32.max` if it cannot.
    let depths: [Int32]

    /// Calls that may be open at a time.
    static let mostDepth: Int32 = 128

    /// - Throws: ``GrammarError`` if no text fits.
    init(_ builder: GrammarBuilder, start: GrammarPlace) throws(GrammarError) {
        (nodes, sets, characterRules) = (builder.nodes, builder.sets, builder.characterRules)
        self.start = start
        depths = GrammarDepths.depths(of: builder.nodes)
        guard depth(at: start) <= Self.mostDepth else { throw .unsatisfiable }
    }

    /// The node at a place.
    func node(_ place: GrammarPlace) -> GrammarNode { nodes[Int(place)] }

    /// Calls that have to be open at the same time until the text can end.
    func depth(at place: GrammarPlace) -> Int32 { depths[Int(place)] }
}

/// Finds how deep the calls are that the places of a grammar need at least.
private enum GrammarDepths {
    static func depths(of nodes: [GrammarNode]) -> [Int32] {
        var depths = [Int32](repeating: .max, count: nodes.count)
        let callers = Callers(nodes)
        var waiting: [GrammarPlace] = []
        for (place, node) in nodes.enumerated() {
            switch node {
            case .end, .character:
                depths[place] = depth(of: node, depths)
                waiting.append(GrammarPlace(place))
            case .never, .byte, .either, .call: break
            }
        }
        while let changed = waiting.popLast() {
            for place in callers[changed] {
                let depth = depth(of: nodes[Int(place)], depths)
                guard depth < depths[Int(place)] else { continue }
                depths[Int(place)] = depth
                waiting.append(place)
            }
        }
        return depths
    }

    private static func depth(of node: GrammarNode, _ depths: [Int32]) -> Int32 {
        switch node {
        case .end: return 0
        // Bytes behind the first of a character are a rule.
        case .character: return 1
        case .never: return .max
        case .byte(_, let next): return depths[Int(next)]
        case .either(let first, let second): return min(depths[Int(first)], depths[Int(second)])
        case .call(let rule, let next):
            let inner = depths[Int(rule)]
            return inner == .max ? .max : max(inner + 1, depths[Int(next)])
        }
    }
}

/// The places whose depth depends on that of a place.
private struct Callers {
    private var places: [GrammarPlace]
    private var starts: [Int]

    init(_ nodes: [GrammarNode]) {
        var counts = [Int](repeating: 0, count: nodes.count + 1)
        for node in nodes { Self.forEachTarget(of: node) { counts[Int($0)] += 1 } }
        starts = []
        starts.reserveCapacity(counts.count)
        var sum = 0
        for count in counts {
            starts.append(sum)
            sum += count
        }
        places = Array(repeating: 0, count: sum)
        var ends = starts
        for (place, node) in nodes.enumerated() {
            Self.forEachTarget(of: node) { target in
                places[ends[Int(target)]] = GrammarPlace(place)
                ends[Int(target)] += 1
            }
        }
    }

    subscript(place: GrammarPlace) -> ArraySlice<GrammarPlace> {
        places[starts[Int(place)]..<starts[Int(place) + 1]]
    }

    private static func forEachTarget(of node: GrammarNode, _ body: (GrammarPlace) -> Void) {
        switch node {
        case .end, .never, .character: break
        case .byte(_, let next): body(next)
        case .either(let first, let second):
            body(first)
            body(second)
        case .call(let rule, let next):
            body(rule)
            body(next)
        }
    }
}
