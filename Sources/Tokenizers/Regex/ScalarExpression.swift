/// A set of scalars, as it is put together from the parts of a regular expression.
indirect enum ScalarExpression: Sendable {
    case ranges([ClosedRange<UInt32>])
    case categories(GeneralCategory.Mask)
    case script(Script.Number)
    case predicate(UnicodeProperty.Predicate)
    case union([ScalarExpression])
    case intersection([ScalarExpression])
    case complement(ScalarExpression)
    /// All scalars that differ from one of the set in nothing but letter case.
    case ignoringCase(ScalarExpression)

    /// The set of one scalar.
    static func scalar(_ scalar: Unicode.Scalar) -> ScalarExpression { .ranges([scalar.value...scalar.value]) }

    /// Whether `scalar` is in the set.
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .ranges(let ranges): ranges.contains { $0.contains(scalar.value) }
        case .categories(let mask): mask.contains(number: GeneralCategory.number(of: scalar))
        case .script(let number): Script.number(of: scalar) == number
        case .predicate(let predicate): predicate(scalar)
        case .union(let parts): parts.contains { $0.contains(scalar) }
        case .intersection(let parts): parts.allSatisfy { $0.contains(scalar) }
        case .complement(let set): !set.contains(scalar)
        case .ignoringCase(let set):
            set.contains(scalar) || CaseFolding.equivalents(of: scalar).contains { set.contains($0) }
        }
    }
}
