/// Reads regular expressions: the part of ECMA-262 and Python that describes regular languages.
struct RegexParser {
    /// Groups within groups.
    private static let deepestNesting = 64
    /// The greatest number of repetitions that can be asked for.
    private static let mostRepetitions = 10_000
    /// Bytes of an expression.
    private static let mostBytes = 1 << 16

    let pattern: String
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    private init(_ pattern: String) {
        self.pattern = pattern
        scalars = Array(pattern.unicodeScalars)
    }

    /// - Throws: ``GrammarError`` for what is no regular expression, and by name for what is not supported.
    static func parse(_ pattern: String) throws(GrammarError) -> RegexNode {
        guard pattern.utf8.count <= mostBytes else {
            throw GrammarError("a regular expression of more than \(mostBytes) bytes is too large")
        }
        var parser = RegexParser(pattern)
        let node = try parser.alternatives()
        guard parser.next == nil else { throw parser.error("a ) without a (") }
        return node
    }

    // MARK: Reading

    var next: Unicode.Scalar? { scalars.indices.contains(position) ? scalars[position] : nil }

    /// Takes a scalar if it is the next.
    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    /// Takes a text if it is the next.
    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    /// Takes the next scalar.
    mutating func takeAny(_ expected: String) throws(GrammarError) -> Unicode.Scalar {
        guard let scalar = next else { throw error("it ends where \(expected) is expected") }
        position += 1
        return scalar
    }

    func error(_ message: String) -> GrammarError {
        GrammarError("the regular expression \(pattern.shown): \(message)")
    }

    func unsupported(_ name: String) -> GrammarError { error("\(name) is not supported") }

    // MARK: Parts

    private mutating func alternatives() throws(GrammarError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepestNesting else { throw error("groups are nested too deeply") }
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .alternatives(parts)
    }

    private mutating func sequence() throws(GrammarError) -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let part = try atom()
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom() throws(GrammarError) -> RegexNode {
        let scalar = try takeAny("a part")
        switch scalar {
        case "^": return .start
        case "$": return .end
        case ".": return .scalar(ScalarSet.lineEnds.inverted)
        case "(": return try group()
        case "[": return .scalar(try characterClass())
        case "\\": return .scalar(try escape(inClass: false))
        case "*", "+", "?": throw error("there is nothing that \(scalar) could repeat")
        default: return .scalar(ScalarSet(scalar))
        }
    }

    private mutating func group() throws(GrammarError) -> RegexNode {
        if take("?") {
            let refused = [("=", "lookahead"), ("!", "lookahead"), ("<=", "lookbehind"), ("<!", "lookbehind")]
            for (sign, name) in refused where take(sign) { throw unsupported("a \(name), (?\(sign)") }
            if take("P=") { throw unsupported("a backreference, (?P=") }
            if take("P<") || take("<") {
                while try takeAny("the end of the group's name") != ">" {}
            } else if !take(":") {
                throw unsupported("the group (?\(next.map { String(Character($0)) } ?? "")")
            }
        }
        let inner = try alternatives()
        guard take(")") else { throw error("a ( without a )") }
        return inner
    }

    // MARK: Repetition

    private mutating func repeated(_ part: RegexNode) throws(GrammarError) -> RegexNode {
        guard let (least, most) = try quantifier() else { return part }
        if case .start = part { throw error("an anchor cannot be repeated") }
        if case .end = part { throw error("an anchor cannot be repeated") }
        guard least <= most ?? .max else { throw error("{\(least),\(most ?? 0)} is out of order") }
        guard max(least, most ?? 0) <= Self.mostRepetitions else {
            throw error("more than \(Self.mostRepetitions) repetitions are too many")
        }
        // A lazy one has the same texts.
        if !take("?"), next == "+" { throw unsupported("a possessive quantifier") }
        // An error in ECMA-262 and Python, too; so parts are within each other no deeper than groups.
        guard try quantifier() == nil else { throw error("there is nothing that a second quantifier could repeat") }
        return .repetition(part, least: least, most: most)
    }

    private mutating func quantifier() throws(GrammarError) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard next == "{" else { return nil }
        let start = position
        position += 1
        let least = number()
        if least != nil, take("}") { return (least ?? 0, least) }
        if take(",") {
            let most = number()
            if least != nil || most != nil, take("}") { return (least ?? 0, most) }
        }
        // Braces of another form are text.
        position = start
        return nil
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, let digit = Int(String(Character(scalar))), scalar.isASCII {
            value = min((value ?? 0) * 10 + digit, Self.mostRepetitions + 1)
            position += 1
        }
        return value
    }
}
