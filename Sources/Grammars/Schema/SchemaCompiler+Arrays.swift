import PenstockJSON

extension SchemaCompiler {
    /// The greatest number of elements or properties that is counted.
    static let mostCounted = 10_000

    mutating func array(_ schema: JSONObject, at place: String) throws(GrammarError) -> GrammarPlace {
        let least = try schema.count("minItems", atMost: Self.mostCounted, at: place) ?? 0
        var most = try schema.count("maxItems", atMost: Self.mostCounted, at: place)
        var first: [GrammarPlace] = []
        for (index, schema) in (schema["prefixItems"]?.array ?? []).enumerated() {
            first.append(try rule(of: schema, at: place.appending("prefixItems").appending("\(index)")))
        }
        var others = GrammarBuilder.never
        if let items = schema["items"] {
            others = try rule(of: items, at: place.appending("items"))
        } else if first.isEmpty || least > first.count {
            others = try builder.anyValue()
        }
        if others == GrammarBuilder.never { most = min(most ?? .max, first.count) }
        guard least <= most ?? .max else { return GrammarBuilder.never }
        return try array(first, others, least, most)
    }

    /// An array of so many elements.
    ///
    /// - Parameters:
    ///   - first: the rules of the first elements, as far as there are so many
    ///   - others: the rule of the others
    private mutating func array(
        _ first: [GrammarPlace], _ others: GrammarPlace, _ least: Int, _ most: Int?
    ) throws(GrammarError) -> GrammarPlace {
        let close = try builder.byte(UInt8(ascii: "]"), then: GrammarBuilder.end)
        // Behind the elements that are counted: the end, or any number of others.
        var behind = close
        let counted = most ?? max(least, first.count)
        if most == nil {
            let loop = try builder.reserve()
            builder.define(
                loop, as: try builder.either(close, builder.comma(then: builder.call(others, then: loop))))
            behind = loop
        }
        for index in (0..<counted).reversed() {
            let rule = first.indices.contains(index) ? first[index] : others
            let element = try builder.call(rule, then: behind)
            if index == 0 {
                let inside = least == 0 ? try builder.either(close, element) : element
                return try builder.byte(UInt8(ascii: "["), then: inside)
            }
            let further = try builder.comma(then: element)
            behind = index >= least ? try builder.either(close, further) : further
        }
        guard most == nil else { return try builder.byte(UInt8(ascii: "["), then: close) }
        return try builder.array(of: others, atLeast: 0, then: GrammarBuilder.end)
    }
}
