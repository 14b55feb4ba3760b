/// A set of scalars, as it is put together from the parts of a regular expression.
package indirect enum ScalarExpression: Sendable {
    case ranges([ClosedRange<UInt32>])
    case categories(GeneralCategory.Mask)
    case script(Script.Number)
    case predicate(ScalarPredicate)
    case union([ScalarExpression])
    case intersection([ScalarExpression])
    case complement(ScalarExpression)
    /// All scalars that differ from one of the set in nothing but letter case.
    case ignoringCase(ScalarExpression)

    /// The set of one scalar.
    static func scalar(_ scalar: Unicode.Scalar) -> ScalarExpression { .ranges([scalar.value...scalar.value]) }

    /// Tells whether `scalar` is in the set.
    package func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .ranges(let ranges): ranges.contains { $0.contains(scalar.value) }
        case .categories(let mask): mask.contains(number: GeneralCategory.number(of: scalar))
        case .script(let number): Script.number(of: scalar) == number
        case .predicate(let predicate): predicate.holds(scalar)
        case .union(let parts): parts.contains { $0.contains(scalar) }
        case .intersection(let parts): parts.allSatisfy { $0.contains(scalar) }
        case .complement(let set): !set.contains(scalar)
        case .ignoringCase(let set):
            set.contains(scalar) || CaseFolding.equivalents(of: scalar).contains { set.contains($0) }
        }
    }
}

extension ScalarExpression {
    /// The scalars of the basic plane that are in the set: what ``contains(_:)`` says of each, put together from the sets
    /// of the parts.
    package var basicPlane: BasicPlaneSet {
        var set = values
        set.removeSurrogates()
        return set
    }

    /// The same, with any values in the place of the surrogates.
    private var values: BasicPlaneSet {
        var set = BasicPlaneSet()
        insert(into: &set)
        return set
    }

    private func insert(into set: inout BasicPlaneSet) {
        switch self {
        case .ranges(let ranges): for range in ranges { set.insert(range) }
        case .categories(let mask):
            for number in GeneralCategory.all.indices where mask.contains(number: UInt8(number)) {
                set.formUnion(GeneralCategory.basicPlanes[number])
            }
        case .script(let number): set.formUnion(Script.basicPlane(of: number))
        case .predicate(let predicate): set.formUnion(predicate.basicPlane)
        case .union(let parts): for part in parts { part.insert(into: &set) }
        case .intersection(let parts):
            var common = BasicPlaneSet()
            common.invert()
            for part in parts { common.formIntersection(part.values) }
            set.formUnion(common)
        case .complement(let part):
            var others = part.values
            others.invert()
            set.formUnion(others)
        case .ignoringCase(let part):
            let own = part.values
            set.formUnion(own)
            for (scalar, others) in CaseFolding.classes {
                let isMember = others.contains { $0.value < BasicPlaneSet.end ? own.contains($0) : part.contains($0) }
                if isMember { set.insert(scalar) }
            }
        }
    }
}
