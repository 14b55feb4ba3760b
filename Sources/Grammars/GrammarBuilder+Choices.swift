extension GrammarBuilder {
    /// Alternatives whose beginnings need not be merged.
    private static let fewAlternatives = 2

    /// A place that is one of several, which may be defined later.
    mutating func choice(of places: [GrammarPlace]) throws(GrammarError) -> GrammarPlace {
        var (seen, alternatives, result) = (Set<GrammarPlace>(), [GrammarPlace](), Self.never)
        for place in places where place != Self.never && seen.insert(place).inserted {
            alternatives.append(place)
            result = try either(result, place)
        }
        guard alternatives.count > Self.fewAlternatives else { return result }
        let place = try reserve()
        define(place, as: result)
        choices.append((place, alternatives))
        return place
    }

    /// Merges the beginnings of alternatives, when all places are defined; as they are if that would be too much.
    mutating func mergeChoices() {
        var merging = ChoiceMerging()
        for choice in choices {
            if let merged = merging.merge(choice.alternatives, &self) { define(choice.place, as: merged) }
        }
        choices = []
    }
}

/// Makes one place of many that begin with the same bytes.
///
/// Alternatives are followed as long as several of them take the same bytes, also into the rules that they call: each is a
/// place under the calls that were entered. Where one alone is left, it goes on as it is.
private struct ChoiceMerging {
    private var stacks = CallStacks()
    /// The continuation behind the calls of a stack.
    private var continuations: [Int32: GrammarPlace] = [:]
    /// Alternatives that are yet to be merged, with the place that they become.
    private var waiting: [(place: GrammarPlace, alternatives: [Configuration])] = []
    private var known: [[Configuration]: GrammarPlace] = [:]
    /// Places that may yet be looked at.
    private var workLeft = 2_000_000

    /// Calls that are entered within each other.
    private static let deepest: Int32 = 8

    private enum Failure: Error { case tooMuch }

    /// The place of the alternatives; nil if it would take too much.
    mutating func merge(_ alternatives: [GrammarPlace], _ builder: inout GrammarBuilder) -> GrammarPlace? {
        do {
            let start = try merged(
                alternatives.map { Configuration(place: $0, stack: CallStacks.empty) }, &builder)
            while let next = waiting.popLast() {
                builder.define(next.place, as: try place(of: next.alternatives, &builder))
            }
            return start
        } catch {
            waiting = []
            known = [:]
            return nil
        }
    }

    private mutating func merged(
        _ alternatives: [Configuration], _ builder: inout GrammarBuilder
    ) throws -> GrammarPlace {
        if alternatives.count == 1 { return try single(alternatives[0], &builder) }
        let key = alternatives.sorted { ($0.place, $0.stack) < ($1.place, $1.stack) }
        if let place = known[key] { return place }
        let place = try builder.reserve()
        known[key] = place
        waiting.append((place, alternatives))
        return place
    }

    /// The place of one alternative, as it is.
    private mutating func single(
        _ configuration: Configuration, _ builder: inout GrammarBuilder
    ) throws -> GrammarPlace {
        guard let behind = try continuation(of: configuration.stack, &builder) else { return configuration.place }
        return try builder.call(configuration.place, then: behind)
    }

    /// The continuation behind the calls of a stack; nil for the end of the rule.
    private mutating func continuation(
        of stack: Int32, _ builder: inout GrammarBuilder
    ) throws -> GrammarPlace? {
        guard let (next, below) = stacks.pop(stack) else { return nil }
        if let known = continuations[stack] { return known }
        let behind = try single(Configuration(place: next, stack: below), &builder)
        continuations[stack] = behind
        return behind
    }

    private mutating func place(
        of alternatives: [Configuration], _ builder: inout GrammarBuilder
    ) throws -> GrammarPlace {
        var (seen, left) = (Set<Configuration>(), Array(alternatives.reversed()))
        // The continuations of each set of bytes, in the order in which they came.
        var (sets, behind) = ([Int32](), [Int32: ConfigurationSet]())
        var result = GrammarBuilder.never
        while let configuration = left.popLast() {
            guard seen.insert(configuration).inserted else { continue }
            workLeft -= 1
            guard workLeft > 0 else { throw Failure.tooMuch }
            let (place, stack) = (configuration.place, configuration.stack)
            switch builder.nodes[Int(place)] {
            case .byte(let set, let next):
                if behind[set] == nil { sets.append(set) }
                _ = behind[set, default: ConfigurationSet()].insert(Configuration(place: next, stack: stack))
            case .either(let first, let second):
                left.append(Configuration(place: second, stack: stack))
                left.append(Configuration(place: first, stack: stack))
            case .call(let rule, let next) where stacks.depth(of: stack) < Self.deepest:
                left.append(Configuration(place: rule, stack: stacks.push(next, on: stack)))
            case .call, .character: result = try builder.either(result, single(configuration, &builder))
            case .end:
                if let (next, below) = stacks.pop(stack) {
                    left.append(Configuration(place: next, stack: below))
                } else {
                    result = try builder.either(result, GrammarBuilder.end)
                }
            case .never: break
            }
        }
        for set in sets {
            let following = try merged(behind[set]?.elements ?? [], &builder)
            result = try builder.either(result, builder.byte(set, then: following))
        }
        return result
    }
}
