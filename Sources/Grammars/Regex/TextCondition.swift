/// A condition on texts that is followed scalar by scalar, beside a regular expression.
protocol TextCondition {
    /// The state before the first scalar.
    var start: Int { get }
    /// The states behind a scalar of a set: the part of the set that leads to each.
    func states(behind state: Int, _ set: ScalarSet) -> [(set: ScalarSet, state: Int)]
    /// Tells whether the text may end.
    func mayEnd(at state: Int) -> Bool
    /// Tells whether whatever follows meets the condition.
    func isMet(at state: Int) -> Bool
}

/// The bounds of a text's length in scalars.
struct LengthCondition: TextCondition {
    let least: Int
    /// Nil for none.
    let most: Int?
    let start = 0

    /// The number of its states.
    var states: Int { max(least, most ?? 0) + 1 }

    func states(behind state: Int, _ set: ScalarSet) -> [(set: ScalarSet, state: Int)] {
        if let most { return state < most ? [(set, state + 1)] : [] }
        return [(set, min(state + 1, least))]
    }

    func mayEnd(at state: Int) -> Bool { state >= least }

    func isMet(at state: Int) -> Bool { most == nil && state >= least }
}

/// The texts but for some.
struct ExclusionCondition: TextCondition {
    private var children: [[Unicode.Scalar: Int]] = [[:], [:]]
    private var isExcluded = [false, false]
    let start = 0
    /// The state of texts that none of the excluded begins with.
    private static let free = 1

    init(_ texts: [String]) {
        for text in texts {
            var state = start
            for scalar in text.unicodeScalars {
                if let child = children[state][scalar] {
                    state = child
                    continue
                }
                children[state][scalar] = children.count
                state = children.count
                children.append([:])
                isExcluded.append(false)
            }
            isExcluded[state] = true
        }
    }

    func states(behind state: Int, _ set: ScalarSet) -> [(set: ScalarSet, state: Int)] {
        let known = children[state].filter { set.contains($0.key) }.sorted { $0.value < $1.value }
        let others = set.subtracting(ScalarSet(known.map { $0.key.value...$0.key.value }))
        return known.map { (ScalarSet($0.key), $0.value) } + (others.isEmpty ? [] : [(others, Self.free)])
    }

    func mayEnd(at state: Int) -> Bool { !isExcluded[state] }

    func isMet(at state: Int) -> Bool { state == Self.free }
}

/// Two conditions that both have to be met.
struct BothConditions<First: TextCondition, Second: TextCondition>: TextCondition {
    private let first: First
    private let second: Second
    let start: Int
    /// Greater than the states of the first condition.
    private let width: Int

    /// - Parameter width: greater than the states of the first condition
    init(_ first: First, _ second: Second, width: Int) {
        (self.first, self.second, self.width) = (first, second, width)
        start = second.start * width + first.start
    }

    func states(behind state: Int, _ set: ScalarSet) -> [(set: ScalarSet, state: Int)] {
        second.states(behind: state / width, set).flatMap { part in
            first.states(behind: state % width, part.set).map { ($0.set, part.state * width + $0.state) }
        }
    }

    func mayEnd(at state: Int) -> Bool { first.mayEnd(at: state % width) && second.mayEnd(at: state / width) }

    func isMet(at state: Int) -> Bool { first.isMet(at: state % width) && second.isMet(at: state / width) }
}
