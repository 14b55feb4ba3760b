/// A regular expression as an automaton over scalars, which matches texts as a whole.
struct RegexProgram: Sendable {
    /// A step of the automaton; steps are known by their numbers.
    enum Step: Sendable {
        case match
        case scalar(ScalarSet, next: Int)
        case either(Int, Int)
        /// Any text, and what follows it.
        case anything(next: Int)
    }

    private(set) var steps: [Step] = [.match]
    private(set) var start = 0
    /// Parts that were looked at, also those that leave no step, and ranges of sets.
    private(set) var work = 0

    private static let mostSteps = 20_000
    private static let mostWork = 200_000
    /// Pairs of steps of two expressions that are compared.
    static let mostPairs = 20_000
    /// Ranges of sets that take as long as a pair of steps.
    private static let rangesOfPair = 16

    /// - Throws: ``GrammarError`` for what is no regular expression or a too large one, and by name for what is not
    ///   supported.
    init(_ pattern: String, surroundings: RegexSurroundings) throws(GrammarError) {
        let node = try RegexParser.parse(pattern).anchored(surroundings, pattern)
        start = try build(node, then: 0, pattern)
    }

    /// The automaton of all texts.
    static let anything: RegexProgram = RegexProgram(steps: [.match, .anything(next: 0)], start: 1)

    private init(steps: [Step], start: Int) { (self.steps, self.start) = (steps, start) }

    private mutating func build(_ node: RegexNode, then next: Int, _ pattern: String) throws(GrammarError) -> Int {
        work += 1
        guard steps.count < Self.mostSteps, work < Self.mostWork else {
            throw GrammarError("the regular expression \(pattern.shown) is too large")
        }
        switch node {
        case .scalar(let set):
            work += set.ranges.count
            return add(.scalar(set, next: next))
        case .start, .end: return next
        case .sequence(let parts):
            var place = next
            for part in parts.reversed() { place = try build(part, then: place, pattern) }
            return place
        case .alternatives(let parts):
            var place = try build(parts[parts.count - 1], then: next, pattern)
            for part in parts.dropLast().reversed() {
                place = add(.either(try build(part, then: next, pattern), place))
            }
            return place
        case .repetition(.scalar(.all), least: 0, most: nil): return add(.anything(next: next))
        case .repetition(let part, let least, let most):
            var place = next
            if let most {
                for _ in least..<most { place = add(.either(try build(part, then: place, pattern), next)) }
            } else {
                place = add(.match)
                steps[place] = .either(try build(part, then: place, pattern), next)
            }
            for _ in 0..<least { place = try build(part, then: place, pattern) }
            return place
        }
    }

    private mutating func add(_ step: Step) -> Int {
        steps.append(step)
        return steps.count - 1
    }

    // MARK: Texts

    /// Tells whether a text is matched.
    func matches(_ text: String) -> Bool {
        var places = closure([start])
        for scalar in text.unicodeScalars {
            var following: Set<Int> = []
            for place in places {
                switch steps[place] {
                case .scalar(let set, let next): if set.contains(scalar) { following.insert(next) }
                case .anything: following.insert(place)
                case .match, .either: break
                }
            }
            places = closure(following)
        }
        return places.contains(0)
    }

    /// Tells whether a text is matched by both.
    ///
    /// - Throws: ``GrammarError`` if more than ``mostPairs`` would be compared.
    func overlaps(_ other: RegexProgram) throws(GrammarError) -> Bool {
        var seen: Set<[Int]> = [[start, other.start]]
        var (waiting, ranges) = ([(start, other.start)], 0)
        while let (first, second) = waiting.popLast() {
            if case (.scalar(let one, _), .scalar(let two, _)) = (steps[first], other.steps[second]) {
                ranges += one.ranges.count + two.ranges.count
            }
            guard seen.count + ranges / Self.rangesOfPair < Self.mostPairs else {
                throw GrammarError("its regular expressions are too large")
            }
            if first == 0, second == 0 { return true }
            for pair in pairs(first, second, other) where seen.insert([pair.0, pair.1]).inserted {
                waiting.append(pair)
            }
        }
        return false
    }

    /// The steps that follow a pair of them: by one of the two alone, or by a scalar of both.
    private func pairs(_ first: Int, _ second: Int, _ other: RegexProgram) -> [(Int, Int)] {
        switch (steps[first], other.steps[second]) {
        case (.either(let one, let two), _): [(one, second), (two, second)]
        case (_, .either(let one, let two)): [(first, one), (first, two)]
        case (.anything(let next), .anything(let behind)): [(next, second), (first, behind)]
        case (.anything(let next), .scalar(_, let behind)): [(next, second), (first, behind)]
        case (.scalar(_, let behind), .anything(let next)): [(first, next), (behind, second)]
        case (.anything(let next), _): [(next, second)]
        case (_, .anything(let next)): [(first, next)]
        case (.scalar(let one, let next), .scalar(let two, let behind)):
            one.intersection(two).isEmpty ? [] : [(next, behind)]
        case (.match, _), (_, .match): []
        }
    }

    /// The steps that are reached without a scalar.
    private func closure(_ places: Set<Int>) -> Set<Int> {
        var (seen, waiting) = (places, Array(places))
        while let place = waiting.popLast() {
            let targets: [Int] =
                switch steps[place] {
                case .either(let first, let second): [first, second]
                case .anything(let next): [next]
                case .match, .scalar: []
                }
            for target in targets where seen.insert(target).inserted { waiting.append(target) }
        }
        return seen
    }
}
