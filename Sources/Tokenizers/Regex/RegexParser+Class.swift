extension RegexParser {
    /// The state of a class before its next item.
    private enum ClassState {
        case start, value(Unicode.Scalar), rangeFrom(Unicode.Scalar), type, complete
    }

    /// Reads a class behind its opening bracket.
    mutating func parseClass(_ options: Options) throws(RegexError) -> RegexNode {
        let isNegative = skip("^")
        let set = try parseClassBody()
        guard options.ignoresCase else { return .set(isNegative ? .complement(set) : set) }
        let folded = ScalarExpression.ignoringCase(set)
        return isNegative ? .set(.complement(folded)) : CaseInsensitiveLiteral.node(set: set, folded: folded)
    }

    /// Reads a class within a class behind its opening bracket.
    private mutating func parseNestedClass() throws(RegexError) -> ScalarExpression {
        try nested { (parser) throws(RegexError) in
            let isNegative = parser.skip("^")
            let set = try parser.parseClassBody()
            return isNegative ? .complement(set) : set
        }
    }

    /// Reads up to the closing bracket.
    private mutating func parseClassBody() throws(RegexError) -> ScalarExpression {
        var intersected: [ScalarExpression] = []
        var members: [ScalarExpression] = []
        var state = ClassState.start
        var isFirst = true
        while true {
            let scalar = try next()
            defer { isFirst = false }
            switch scalar {
            case "]":
                if isFirst {
                    guard hasLater("]") else { throw malformed("empty class") }
                    try append("]", to: &members, &state)
                    continue
                }
                finish(&members, &state)
                return intersected.isEmpty ? .union(members) : .intersection(intersected + [.union(members)])
            case "[":
                if let set = try parsePOSIXBracket() {
                    try append(set, to: &members, &state)
                } else {
                    if case .rangeFrom = state { throw unsupported("a class at the end of a range") }
                    finish(&members, &state)
                    members.append(try parseNestedClass())
                    state = .complete
                }
            case "&" where skip("&"):
                finish(&members, &state)
                intersected.append(.union(members))
                (members, state) = ([], .start)
            case "-":
                if case .value(let from) = state, peek() != "]", !(peek() == "&" && peek(1) == "&") {
                    state = .rangeFrom(from)
                } else if case .type = state, peek() != "]", !(peek() == "&" && peek(1) == "&") {
                    throw malformed("a range that begins with a type")
                } else {
                    try append("-", to: &members, &state)
                }
            case "\\":
                let letter = try next()
                if let set = try characterType(letter, word: UnicodeProperty.wordInClass) {
                    try append(set, to: &members, &state)
                } else {
                    try append(letter == "b" ? "\u{8}" : try parseEscapedScalar(letter), to: &members, &state)
                }
            default: try append(scalar, to: &members, &state)
            }
        }
    }

    private func append(
        _ scalar: Unicode.Scalar, to members: inout [ScalarExpression], _ state: inout ClassState
    ) throws(RegexError) {
        guard case .rangeFrom(let from) = state else {
            finish(&members, &state)
            state = .value(scalar)
            return
        }
        guard from <= scalar else { throw malformed("empty range") }
        members.append(.ranges([from.value...scalar.value]))
        state = .complete
    }

    private func append(
        _ type: ScalarExpression, to members: inout [ScalarExpression], _ state: inout ClassState
    ) throws(RegexError) {
        if case .rangeFrom = state { throw malformed("a range that ends with a type") }
        finish(&members, &state)
        members.append(type)
        state = .type
    }

    /// Takes a single scalar that is no range.
    private func finish(_ members: inout [ScalarExpression], _ state: inout ClassState) {
        if case .value(let scalar) = state { members.append(.scalar(scalar)) }
        if case .rangeFrom(let scalar) = state { members += [.scalar(scalar), .scalar("-")] }
    }

    /// Reads `[:alpha:]` behind its first bracket; nil if it is something else.
    private mutating func parsePOSIXBracket() throws(RegexError) -> ScalarExpression? {
        let start = self
        guard skip(":") else { return nil }
        let isNegative = skip("^")
        var name = ""
        while let scalar = peek(), scalar.properties.isASCIIHexDigit || ("a"..."z").contains(scalar), name.count < 20 {
            name.unicodeScalars.append(scalar)
            _ = try next()
        }
        guard skip(":]") else {
            self = start
            return nil
        }
        guard let set = UnicodeProperty.bracket(named: name) else {
            throw malformed("there is no [:\(name):]")
        }
        return isNegative ? .complement(set) : set
    }
}
