/// Reads a regular expression in the syntax of Oniguruma, as far as tokenizers use it.
struct RegexParser {
    /// The options that `(?imx)` switches on.
    struct Options {
        var ignoresCase = false
        var dotMatchesNewline = false
        var isExtended = false
    }

    /// Deeper nesting is refused, since parts are read by recursion.
    private static let maximumDepth = 100

    private let pattern: [Unicode.Scalar]
    private(set) var position = 0
    private var depth = 0

    /// The parts of `pattern`.
    static func parse(_ pattern: String) throws(RegexError) -> RegexNode {
        var parser = RegexParser(pattern: Array(pattern.unicodeScalars))
        let node = try parser.parseAlternatives(Options())
        if parser.peek() != nil { throw parser.malformed("unmatched )") }
        return node
    }

    private init(pattern: [Unicode.Scalar]) { self.pattern = pattern }

    // MARK: Reading

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < pattern.count ? pattern[position + offset] : nil
    }

    mutating func next() throws(RegexError) -> Unicode.Scalar {
        guard let scalar = peek() else { throw malformed("the expression ends too early") }
        position += 1
        return scalar
    }

    /// Steps over `scalar`, if it comes next.
    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        position += 1
        return true
    }

    mutating func skip(_ string: String) -> Bool {
        let scalars = Array(string.unicodeScalars)
        guard pattern[position...].starts(with: scalars) else { return false }
        position += scalars.count
        return true
    }

    /// Everything up to `end`, which is stepped over, too.
    mutating func read(until end: Unicode.Scalar) throws(RegexError) -> String {
        var text = String.UnicodeScalarView()
        while true {
            let scalar = try next()
            if scalar == end { return String(text) }
            text.append(scalar)
        }
    }

    /// Tells whether `scalar` is still to come.
    func hasLater(_ scalar: Unicode.Scalar) -> Bool { pattern[position...].contains(scalar) }

    mutating func back() { position -= 1 }

    /// Goes back to where something began that is none after all.
    mutating func back(to position: Int) { self.position = position }

    func malformed(_ message: String) -> RegexError { error(message, isUnsupported: false) }

    func unsupported(_ message: String) -> RegexError { error("\(message) is not supported", isUnsupported: true) }

    private func error(_ message: String, isUnsupported: Bool) -> RegexError {
        RegexError(message: "at character \(position): \(message)", isUnsupported: isUnsupported)
    }

    // MARK: Structure

    /// Goes one level deeper for `body`.
    mutating func nested<T>(
        _ body: (inout RegexParser) throws(RegexError) -> T
    ) throws(RegexError) -> T {
        depth += 1
        guard depth <= Self.maximumDepth else { throw unsupported("nesting deeper than \(Self.maximumDepth)") }
        let result = try body(&self)
        depth -= 1
        return result
    }

    /// Reads up to the end or a parenthesis that closes.
    private mutating func parseAlternatives(_ options: Options) throws(RegexError) -> RegexNode {
        try nested { (parser) throws(RegexError) in
            var alternatives = [try parser.parseSequence(options)]
            while parser.skip("|") { alternatives.append(try parser.parseSequence(options)) }
            return alternatives.count == 1 ? alternatives[0] : .alternation(alternatives)
        }
    }

    private mutating func parseSequence(_ options: Options) throws(RegexError) -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = peek(), scalar != "|", scalar != ")" {
            if options.isExtended, skipExtended() { continue }
            if skip("(?#") {
                _ = try read(until: ")")
                continue
            }
            if let changed = try parseIsolatedOptions(options) {
                // They hold to the end of the group, alternatives included.
                parts.append(try parseAlternatives(changed))
                break
            }
            let atom = try parseAtom(options)
            parts.append(try parseQuantifiers(of: atom, options))
        }
        guard options.ignoresCase else { return Self.sequence(parts) }
        guard let joined = CaseInsensitiveLiteral.joined(parts) else {
            throw unsupported("text without letter case of which so much may be single letters")
        }
        return Self.sequence(joined)
    }

    private static func sequence(_ parts: [RegexNode]) -> RegexNode {
        parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
    }

    mutating func skipExtended() -> Bool {
        guard let scalar = peek() else { return false }
        if scalar == "#" {
            while let scalar = peek(), scalar != "\n" {
                _ = scalar
                position += 1
            }
            return true
        }
        guard scalar.properties.isWhitespace, scalar.value < 0x80 else { return false }
        position += 1
        return true
    }

    private mutating func parseAtom(_ options: Options) throws(RegexError) -> RegexNode {
        let scalar = try next()
        switch scalar {
        case "(": return try parseGroup(options)
        case "[": return try nested { (parser) throws(RegexError) in try parser.parseClass(options) }
        case ".": return .set(Self.anyScalar(options.dotMatchesNewline))
        case "^": return .anchor(.startOfLine)
        case "$": return .anchor(.endOfLine)
        case "\\": return try parseEscape(options)
        case "*", "+", "?":
            back()
            throw malformed("nothing to repeat")
        default: return Self.literal(scalar, options)
        }
    }

    static func anyScalar(_ includesNewline: Bool) -> ScalarExpression {
        includesNewline ? UnicodeProperty.any : .complement(.ranges([0xA...0xA]))
    }

    static func literal(_ scalar: Unicode.Scalar, _ options: Options) -> RegexNode {
        guard options.ignoresCase else { return .scalar(scalar) }
        let nodes = CaseInsensitiveLiteral.nodes(scalar)
        return nodes.count == 1 ? nodes[0] : .sequence(CaseInsensitiveLiteral.joined(nodes) ?? nodes)
    }

    // MARK: Groups

    /// Reads `(?i)` and the like; nil if there is none.
    private mutating func parseIsolatedOptions(_ options: Options) throws(RegexError) -> Options? {
        let start = position
        guard skip("(?"), let changed = try parseOptionLetters(options), skip(")") else {
            position = start
            return nil
        }
        return changed
    }

    /// Reads letters like `i-m`; nil if something else stands there.
    private mutating func parseOptionLetters(_ options: Options) throws(RegexError) -> Options? {
        var (options, isOn) = (options, true)
        let start = position
        while let scalar = peek(), scalar != ")", scalar != ":" {
            switch scalar {
            case "-": isOn = false
            case "i": options.ignoresCase = isOn
            case "m": options.dotMatchesNewline = isOn
            case "x": options.isExtended = isOn
            case "W", "D", "S", "P", "y", "C", "I", "L": throw unsupported("option \(scalar)")
            default: return nil
            }
            position += 1
        }
        return position > start && peek() != nil ? options : nil
    }

    private mutating func parseGroup(_ options: Options) throws(RegexError) -> RegexNode {
        if peek() == "*" { throw unsupported("a callout") }
        guard skip("?") else { return try parseGroupBody(options) }
        if skip("=") { return .look(try parseGroupBody(options), back: nil, isNegative: false) }
        if skip("!") { return .look(try parseGroupBody(options), back: nil, isNegative: true) }
        if skip(">") { return .atomic(try parseGroupBody(options)) }
        if skip("<=") { return try parseLookBehind(isNegative: false, options) }
        if skip("<!") { return try parseLookBehind(isNegative: true, options) }
        if skip("<") { return try parseNamedGroup(until: ">", options) }
        if skip("'") { return try parseNamedGroup(until: "'", options) }
        for scalar in ["~", "(", "{", "@"] as [Unicode.Scalar] where peek() == scalar {
            throw unsupported("a group that begins with (?\(scalar)")
        }
        if skip(":") { return try parseGroupBody(options) }
        guard let changed = try parseOptionLetters(options), skip(":") else { throw malformed("unknown kind of group") }
        return try parseGroupBody(changed)
    }

    private mutating func parseNamedGroup(
        until end: Unicode.Scalar, _ options: Options
    ) throws(RegexError) -> RegexNode {
        guard try !read(until: end).isEmpty else { throw malformed("empty group name") }
        return try parseGroupBody(options)
    }

    private mutating func parseGroupBody(_ options: Options) throws(RegexError) -> RegexNode {
        let body = try parseAlternatives(options)
        guard skip(")") else { throw malformed("missing )") }
        return body
    }

    private mutating func parseLookBehind(isNegative: Bool, _ options: Options) throws(RegexError) -> RegexNode {
        let body = try parseGroupBody(options)
        var looks: [RegexNode] = []
        var alternatives = [body]
        if case .alternation(let parts) = body { alternatives = parts }
        for alternative in alternatives {
            guard let length = alternative.fixedLength else {
                throw unsupported("looking behind for what has no fixed length")
            }
            looks.append(.look(alternative, back: length, isNegative: isNegative))
        }
        return looks.count == 1 ? looks[0] : isNegative ? .sequence(looks) : .alternation(looks)
    }
}
