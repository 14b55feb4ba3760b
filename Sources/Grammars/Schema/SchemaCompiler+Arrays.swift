import PenstockJSON

extension SchemaCompiler {
    /// The greatest number of elements or properties that is counted.
    static let mostCounted = 10_000

    /// The rules of an element.
    private struct Element {
        let any: GrammarPlace
        /// One that `contains` counts.
        let counted: GrammarPlace
        /// One that it does not count.
        let other: GrammarPlace
    }

    /// The elements that `contains` counts.
    private struct Containment {
        let schema: JSONValue
        /// The others; nil if any number may be counted.
        let others: JSONValue?
        let least: Int
        let most: Int?

        /// The greatest number that is told from greater ones.
        var last: Int { most ?? least }
    }

    mutating func array(_ schema: JSONObject, at place: String) throws(GrammarError) -> GrammarPlace {
        let least = try schema.count("minItems", atMost: Self.mostCounted, at: place) ?? 0
        var most = try schema.count("maxItems", atMost: Self.mostCounted, at: place)
        let excluded = schema.excluded.compactMap(\.array)
        if let value = excluded.first(where: { !$0.isEmpty }) {
            throw GrammarError(
                "not is supported for arrays without elements alone, not of \(value.count)", at: place.appending("not"))
        }
        let counts = (least: max(least, excluded.isEmpty ? 0 : 1), most: most)
        if schema["uniqueItems"] == .bool(true), most ?? .max > 1 {
            return try uniqueItems(schema, counts.least, most, at: place)
        }
        let containment = try containment(schema, at: place)
        var first: [Element] = []
        for (index, schema) in (schema["prefixItems"]?.array ?? []).enumerated() {
            first.append(try element(schema, containment, at: place.appending("prefixItems").appending("\(index)")))
        }
        var others = Element(any: GrammarBuilder.never, counted: GrammarBuilder.never, other: GrammarBuilder.never)
        if schema["items"] != nil || first.isEmpty || counts.least > first.count {
            others = try element(schema["items"] ?? .bool(true), containment, at: place.appending("items"))
        }
        if others.any == GrammarBuilder.never { most = min(most ?? .max, first.count) }
        guard counts.least <= most ?? .max else { return GrammarBuilder.never }
        return try array(first, others, counts.least, most, containment, at: place)
    }

    private mutating func containment(
        _ schema: JSONObject, at place: String
    ) throws(GrammarError) -> Containment? {
        guard let counted = schema["contains"] else { return nil }
        let least = try schema.count("minContains", atMost: Self.mostCounted, at: place) ?? 1
        let most = try schema.count("maxContains", atMost: Self.mostCounted, at: place)
        if least == 0, most == nil { return nil }
        let others = most == nil ? nil : try negation(of: counted, at: place.appending("contains"))
        return Containment(schema: counted, others: others, least: least, most: most)
    }

    private mutating func element(
        _ schema: JSONValue, _ containment: Containment?, at place: String
    ) throws(GrammarError) -> Element {
        let any = try rule(of: schema, at: place)
        guard let containment else { return Element(any: any, counted: GrammarBuilder.never, other: any) }
        let counted = try rule(of: SchemaMerge.both(schema, containment.schema), at: place)
        guard let others = containment.others else { return Element(any: any, counted: counted, other: any) }
        return Element(any: any, counted: counted, other: try rule(of: SchemaMerge.both(schema, others), at: place))
    }

    /// An array of so many elements.
    ///
    /// - Parameters:
    ///   - first: the rules of the first elements, as far as there are so many
    ///   - others: the rules of the others
    private mutating func array(
        _ first: [Element], _ others: Element, _ least: Int, _ most: Int?, _ containment: Containment?, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        let close = try builder.byte(UInt8(ascii: "]"), then: GrammarBuilder.end)
        let counted = most ?? max(least, first.count)
        // The elements that are counted by what they contain.
        let last = containment?.last ?? 0
        guard (counted + 1).multipliedReportingOverflow(by: last + 1).partialValue <= GrammarBuilder.mostPlaces else {
            throw GrammarError("it has too many elements to count them", at: place)
        }
        let ends = (0...last).map { $0 >= containment?.least ?? 0 ? close : GrammarBuilder.never }
        // Behind the elements that are counted: the end, or any number of others.
        var behind = ends
        if most == nil {
            for index in behind.indices { behind[index] = try builder.reserve() }
            let loops = behind
            for (index, loop) in loops.enumerated() {
                let further = try builder.comma(then: element(others, index, loops, containment))
                builder.define(loop, as: try builder.either(ends[index], further))
            }
        }
        var inside = behind
        if counted == 0, most == nil {
            inside[0] = try builder.either(ends[0], element(others, 0, behind, containment))
        }
        for index in (0..<counted).reversed() {
            let rules = first.indices.contains(index) ? first[index] : others
            let following = behind
            for count in following.indices {
                let element = try element(rules, count, following, containment)
                let end = index >= least ? ends[count] : GrammarBuilder.never
                inside[count] = try builder.either(end, element)
                if index > 0 { behind[count] = try builder.either(end, builder.comma(then: element)) }
            }
        }
        return try builder.byte(UInt8(ascii: "["), then: inside[0])
    }

    /// An element behind which so many are counted.
    private mutating func element(
        _ element: Element, _ count: Int, _ behind: [GrammarPlace], _ containment: Containment?
    ) throws(GrammarError) -> GrammarPlace {
        guard let containment else { return try builder.call(element.any, then: behind[0]) }
        // Beyond the last number nothing has to be told apart, or nothing may be counted.
        if count == containment.last {
            return try builder.call(containment.most == nil ? element.any : element.other, then: behind[count])
        }
        return try builder.either(
            builder.call(element.counted, then: behind[count + 1]), builder.call(element.other, then: behind[count]))
    }
}
