extension GrammarBuilder {
    /// A text that a regular expression matches, and that meets a condition.
    mutating func text(
        _ program: RegexProgram, _ condition: some TextCondition, _ spelling: ScalarSpelling, then next: GrammarPlace
    ) throws(GrammarError) -> GrammarPlace {
        var emission = RegexEmission(program: program, condition: condition, spelling: spelling, next: next)
        return try emission.emit(into: &self)
    }
}

/// The places that the steps of a regular expression become, each in every state of a condition.
private struct RegexEmission<Condition: TextCondition> {
    private struct Key: Hashable {
        let step: Int
        let state: Int
    }

    let program: RegexProgram
    let condition: Condition
    let spelling: ScalarSpelling
    let next: GrammarPlace
    private var places: [Key: GrammarPlace] = [:]
    private var waiting: [Key] = []

    init(program: RegexProgram, condition: Condition, spelling: ScalarSpelling, next: GrammarPlace) {
        (self.program, self.condition, self.spelling, self.next) = (program, condition, spelling, next)
    }

    mutating func emit(into builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace {
        let start = try place(program.start, condition.start, &builder)
        while let key = waiting.popLast() {
            let target = try target(of: key, &builder)
            if let place = places[key] { builder.define(place, as: target) }
        }
        return start
    }

    private func scalars(
        of set: ScalarSet, _ step: Int, _ key: Key
    ) -> [(set: ScalarSet, key: Key)] {
        condition.states(behind: key.state, set).map { ($0.set, Key(step: step, state: $0.state)) }
    }

    private mutating func target(of key: Key, _ builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace {
        switch program.steps[key.step] {
        case .match: return condition.mayEnd(at: key.state) ? next : GrammarBuilder.never
        case .either(let first, let second):
            return try builder.either(place(first, key.state, &builder), place(second, key.state, &builder))
        case .scalar(let set, let next): return try either(scalars(of: set, next, key), &builder)
        case .anything(let behind):
            let end = try place(behind, key.state, &builder)
            if spelling == .inString, condition.isMet(at: key.state) {
                return try builder.call(builder.characters(atLeast: 0, atMost: nil), then: end)
            }
            return try builder.either(end, either(scalars(of: .all, key.step, key), &builder))
        }
    }

    private mutating func either(
        _ scalars: [(set: ScalarSet, key: Key)], _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarPlace {
        var result = GrammarBuilder.never
        for (set, key) in scalars {
            let behind = try place(key.step, key.state, &builder)
            result = try builder.either(result, builder.scalar(of: set, spelling, then: behind))
        }
        return result
    }

    /// The place of a step, which is defined in its turn.
    private mutating func place(
        _ step: Int, _ state: Int, _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarPlace {
        let key = Key(step: step, state: state)
        if let place = places[key] { return place }
        let place = try builder.reserve()
        places[key] = place
        waiting.append(key)
        return place
    }
}

extension Grammar {
    /// The grammar of the texts that a regular expression matches as a whole.
    ///
    /// - Throws: ``GrammarError`` for what is no regular expression or a too large one, and by name for what is not
    ///   supported.
    package static func regex(_ pattern: String) throws(GrammarError) -> Grammar {
        let program = try RegexProgram(pattern, surroundings: .none)
        var builder = try GrammarBuilder()
        let start = try builder.text(
            program, LengthCondition(least: 0, most: nil), .raw, then: GrammarBuilder.end)
        return try Grammar(builder, start: start)
    }
}
