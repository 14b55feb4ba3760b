/// Reads the tokens of a template as statements, by recursive descent along Jinja's grammar.
struct TemplateParser {
    /// Names with a meaning that a body mentions.
    struct NamesInUse: OptionSet {
        let rawValue: Int
        static let loop = NamesInUse(rawValue: 1)
        static let caller = NamesInUse(rawValue: 2)
        static let varargs = NamesInUse(rawValue: 4)
        static let kwargs = NamesInUse(rawValue: 8)
    }

    private let tokens: [Token]
    private let limits: TemplateLimits
    private var index = 0
    private var depth = 0
    private var names: [String] = []
    private var numbers: [String: Int] = [:]
    /// The names that the bodies mention that are being read.
    var uses: NamesInUse = []
    /// True inside of `if`, where unknown filters and tests count only when they are called.
    var isConditional = false
    /// The words outside of statements, and the strings in them.
    var literals: [String] = []
    /// The first unknown filter or test that counts even if it is never called.
    var unknownName: TemplateError?
    /// Loops around the statement that is being read, within its macro.
    private var loops = 0

    /// Parses a source.
    ///
    /// - Throws: ``TemplateError`` for the first fault.
    static func parse(_ source: String, limits: TemplateLimits) throws(TemplateError) -> ParsedTemplate {
        guard source.utf8.count <= limits.sourceBytes else {
            throw TemplateError(.limit, "the template has more than \(limits.sourceBytes) bytes")
        }
        var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source), limits: limits)
        let body = try parser.body(until: [])
        if let unknownName = parser.unknownName { throw unknownName }
        let special = ["loop", "caller", "varargs", "kwargs"].map { parser.number(ofName: $0) }
        return ParsedTemplate(
            body: body, literals: parser.literals, names: parser.names,
            functions: parser.names.map(Function.init(rawValue:)),
            loopName: special[0], callerName: special[1], varargsName: special[2], kwargsName: special[3])
    }

    private init(tokens: [Token], limits: TemplateLimits) { (self.tokens, self.limits) = (tokens, limits) }

    // MARK: Tokens

    /// The next token; behind the last one, that one again.
    var next: Token { tokens[min(index, tokens.count - 1)] }
    var position: TemplatePosition { next.position }
    private var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    mutating func advance() { index += 1 }

    func isNext(_ symbol: Token.Symbol) -> Bool {
        if case .symbol(let other) = next.kind { other == symbol } else { false }
    }

    func isNext(_ name: String) -> Bool { nextName == name }
    func isFollowing(_ name: String) -> Bool {
        if case .name(let other) = following.kind { other == name } else { false }
    }
    func isFollowing(_ symbol: Token.Symbol) -> Bool {
        if case .symbol(let other) = following.kind { other == symbol } else { false }
    }

    var nextName: String? { if case .name(let name) = next.kind { name } else { nil } }
    var isBlockEnd: Bool { if case .blockEnd = next.kind { true } else { false } }

    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard isNext(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(_ name: String) -> Bool {
        guard isNext(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: Token.Symbol) throws(TemplateError) {
        guard skip(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
    }

    mutating func expect(_ name: String) throws(TemplateError) {
        guard skip(name) else { throw unexpected("'\(name)'") }
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard let name = nextName else { throw unexpected("a name") }
        advance()
        return name
    }

    private mutating func expectBlockEnd() throws(TemplateError) {
        guard isBlockEnd else { throw unexpected("the end of the tag") }
        advance()
    }

    func unexpected(_ expected: String) -> TemplateError {
        TemplateError(.syntax, "expected \(expected), not \(next.description)", at: position)
    }

    /// Counts a level of nesting. The caller leaves it again.
    mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= limits.syntaxDepth else {
            throw TemplateError(.limit, "nested deeper than \(limits.syntaxDepth) levels", at: position)
        }
    }

    mutating func leave() { depth -= 1 }

    /// The number of a name, the same wherever it stands.
    mutating func number(ofName name: String) -> Int {
        if let number = numbers[name] { return number }
        numbers[name] = names.count
        names.append(name)
        return names.count - 1
    }

    // MARK: Bodies

    /// Reads statements up to a tag with one of these names, which is next then, or to the end of the template.
    mutating func body(until ends: [String]) throws(TemplateError) -> [Statement] {
        var statements: [Statement] = []
        try enter()
        defer { leave() }
        while true {
            let start = position
            switch next.kind {
            case .data(let text):
                advance()
                literals.append(text.string)
                statements.append(.text(text))
            case .variableBegin:
                advance()
                statements.append(.output(try tuple()))
                guard case .variableEnd = next.kind else { throw unexpected("'}}'") }
                advance()
            case .blockBegin:
                advance()
                if let name = nextName, ends.contains(name) { return statements }
                statements += try statement(start)
                try expectBlockEnd()
            case .end where ends.isEmpty: return statements
            case .end:
                throw TemplateError(.syntax, "the template ends where \(listed(ends)) is missing", at: position)
            default: throw unexpected("text or a tag")
            }
        }
    }

    private func listed(_ tags: [String]) -> String { tags.map { "'\($0)'" }.joined(separator: " or ") }

    /// Reads the rest of a tag and the body behind it up to a tag with one of these names, which is next then.
    mutating func bodyBehindTag(until ends: [String]) throws(TemplateError) -> [Statement] {
        _ = skip(.colon)
        try expectBlockEnd()
        return try body(until: ends)
    }

    /// Reads a body whose end tag is consumed.
    mutating func bodyBehindTag(through end: String) throws(TemplateError) -> [Statement] {
        let statements = try bodyBehindTag(until: [end])
        advance()
        return statements
    }

    /// Reads something in which filters and tests that are unknown are faults, or not.
    mutating func conditional<T>(
        _ isConditional: Bool, _ read: (inout TemplateParser) throws(TemplateError) -> T
    ) throws(TemplateError) -> T {
        let before = self.isConditional
        self.isConditional = isConditional
        defer { self.isConditional = before }
        return try read(&self)
    }

    /// Reads something, and says which names with a meaning it mentions. Those that are `kept` count for what is
    /// around, too.
    mutating func noting<T>(
        kept: NamesInUse, _ read: (inout TemplateParser) throws(TemplateError) -> T
    ) throws(TemplateError) -> (T, NamesInUse) {
        let before = uses
        uses = []
        let result = try read(&self)
        let found = uses
        uses = before.union(found.intersection(kept))
        return (result, found)
    }

    /// Reads the body of a loop, or with `isLoop` false one that a loop around cannot be left from.
    mutating func inLoop<T>(
        _ isLoop: Bool, _ read: (inout TemplateParser) throws(TemplateError) -> T
    ) throws(TemplateError) -> T {
        let before = loops
        loops = isLoop ? loops + 1 : 0
        defer { loops = before }
        return try read(&self)
    }

    var isInLoop: Bool { loops > 0 }
}
