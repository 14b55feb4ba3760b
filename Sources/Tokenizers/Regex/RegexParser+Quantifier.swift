extension RegexParser {
    /// Returns the node that a node becomes by the quantifiers behind it.
    mutating func parseQuantifiers(
        of atom: RegexNode, _ options: Options
    ) throws(RegexError) -> RegexNode {
        var node = atom
        while let quantifier = try parseQuantifier() {
            if case .anchor = atom { throw malformed("an anchor cannot be repeated") }
            var count = quantifier.count
            if quantifier.takesSuffix, skip("?") {
                count.isReluctant = true
                node = try repeated(node, count)
            } else if quantifier.isPossessive || (!quantifier.isInterval && skip("+")) {
                node = .atomic(try repeated(node, count))
            } else {
                node = try repeated(node, count)
            }
            if options.isExtended { while skipExtended() {} }
        }
        return node
    }

    private static var maximumRepetition: Int { 100_000 }

    private struct Quantifier {
        var count: RegexRepetition
        var isInterval = false
        var isPossessive = false
        /// True if a question mark behind makes it reluctant, and is not a quantifier of its own.
        var takesSuffix = true
    }

    private mutating func parseQuantifier() throws(RegexError) -> Quantifier? {
        if skip("*") { return Quantifier(count: RegexRepetition(minimum: 0, maximum: nil)) }
        if skip("+") { return Quantifier(count: RegexRepetition(minimum: 1, maximum: nil)) }
        if skip("?") { return Quantifier(count: RegexRepetition(minimum: 0, maximum: 1)) }
        return try parseInterval()
    }

    /// Reads `{2,3}`. What does not look like that is text.
    private mutating func parseInterval() throws(RegexError) -> Quantifier? {
        let start = position
        guard skip("{") else { return nil }
        let low = try parseNumber()
        var high = low
        let isFixed = !skip(",")
        if !isFixed { high = try parseNumber() }
        guard low != nil || (!isFixed && high != nil), skip("}") else {
            back(to: start)
            return nil
        }
        let minimum = low ?? 0
        guard let maximum = high else {
            return Quantifier(count: RegexRepetition(minimum: minimum, maximum: nil), isInterval: true)
        }
        // {3,2} is Oniguruma's possessive form of {2,3}.
        return Quantifier(
            count: RegexRepetition(minimum: min(minimum, maximum), maximum: max(minimum, maximum)), isInterval: true,
            isPossessive: minimum > maximum, takesSuffix: !isFixed)
    }

    private mutating func parseNumber() throws(RegexError) -> Int? {
        var number: Int?
        while let scalar = peek(), case "0"..."9" = scalar {
            number = (number ?? 0) * 10 + Int(scalar.value - 0x30)
            _ = skip(scalar)
            guard number ?? 0 <= Self.maximumRepetition else { throw malformed("too big a number to repeat") }
        }
        return number
    }

    /// `body` repeated. An endless repetition of what may be nothing has to be written otherwise.
    private func repeated(_ body: RegexNode, _ count: RegexRepetition) throws(RegexError) -> RegexNode {
        guard count.maximum == nil, body.isNullable else { return .repetition(body, count: count) }
        if case .repetition(let inner, let innerCount) = body, !innerCount.isReluctant, !count.isReluctant,
            innerCount.minimum == 0, !inner.isNullable
        {
            return .repetition(
                innerCount.maximum == nil || innerCount.maximum == 1
                    ? inner : .repetition(inner, count: RegexRepetition(minimum: 1, maximum: innerCount.maximum)),
                count: RegexRepetition(minimum: 0, maximum: nil))
        }
        throw unsupported("an endless repetition of what may match nothing")
    }
}
