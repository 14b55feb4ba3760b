import PenstockJSON

extension SchemaCompiler {
    /// Values that unique elements may be of, and ways from a set of those that were written to the next.
    private static let most = (values: 62, ways: 30_000)

    /// An array of different elements, each one of a few values: what may follow depends on those that were written.
    mutating func uniqueItems(
        _ schema: JSONObject, _ least: Int, _ most: Int?, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        for other in ["prefixItems", "contains"] where schema[other] != nil {
            throw GrammarError("\(other) beside uniqueItems is not supported", at: place.appending(other))
        }
        let place = place.appending("uniqueItems")
        let values = try fewValues(of: schema["items"] ?? .bool(true), atMost: Self.most.values, at: place)
        guard let values, Self.ways(values.count, most ?? .max) <= Self.most.ways else {
            throw GrammarError(
                "uniqueItems is supported for elements of few values, such as an enum of up to 11, or fewer by maxItems",
                at: place)
        }
        guard least <= min(values.count, most ?? .max) else { return GrammarBuilder.never }
        var rules: [GrammarPlace] = []
        for value in values { rules.append(try builder.oneOf([value], then: GrammarBuilder.end, at: place)) }
        var sets = UniqueElements(rules: rules, least: least, most: min(values.count, most ?? .max))
        return try sets.emit(into: &builder)
    }

    /// The ways from all sets of up to so many of some values to those with one more.
    private static func ways(_ values: Int, _ most: Int) -> Int {
        var (sets, sum) = (1, 0)
        for size in 0..<min(values, most) {
            // The sets of one size, times the values that they lack.
            sum += sets * (values - size)
            guard sum <= Self.most.ways else { return sum }
            sets = sets * (values - size) / (size + 1)
        }
        return sum
    }
}

/// The places behind each set of elements.
private struct UniqueElements {
    let rules: [GrammarPlace]
    let least: Int
    let most: Int
    private var places: [UInt64: GrammarPlace] = [:]
    private var close = GrammarBuilder.never

    init(rules: [GrammarPlace], least: Int, most: Int) { (self.rules, self.least, self.most) = (rules, least, most) }

    mutating func emit(into builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace {
        close = try builder.byte(UInt8(ascii: "]"), then: GrammarBuilder.end)
        let element = try next(behind: 0, &builder)
        return try builder.byte(
            UInt8(ascii: "["), then: builder.either(least == 0 ? close : GrammarBuilder.never, element))
    }

    /// An element that is none of a set. The recursion is as deep as there are values.
    private mutating func next(behind set: UInt64, _ builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace
    {
        var place = GrammarBuilder.never
        for (index, rule) in rules.enumerated() where set >> UInt64(index) & 1 == 0 && set.nonzeroBitCount < most {
            let behind = try self.behind(set | 1 << UInt64(index), &builder)
            place = try builder.either(place, builder.call(rule, then: behind))
        }
        return place
    }

    private mutating func behind(_ set: UInt64, _ builder: inout GrammarBuilder) throws(GrammarError) -> GrammarPlace {
        if let place = places[set] { return place }
        let further = try builder.comma(then: next(behind: set, &builder))
        let end = set.nonzeroBitCount >= least ? close : GrammarBuilder.never
        let place = try builder.either(end, further)
        places[set] = place
        return place
    }
}
