extension TemplateParser {
    /// Notes that an expression mentions a name that may have a meaning.
    mutating func note(_ name: String) {
        switch name {
        case "loop": uses.insert(.loop)
        case "caller": uses.insert(.caller)
        case "varargs": uses.insert(.varargs)
        case "kwargs": uses.insert(.kwargs)
        default: break
        }
    }

    /// Reads one expression, or several with commas between them as a tuple.
    mutating func tuple(
        allowsConditional: Bool = true, end: String? = nil, isInParentheses: Bool = false
    ) throws(TemplateError) -> Expression {
        let start = position
        var elements: [Expression] = []
        var isTuple = false
        while !isTupleEnd(end) {
            elements.append(try expression(allowsConditional: allowsConditional))
            guard skip(.comma) else { break }
            isTuple = true
        }
        if !isTuple {
            if let only = elements.first { return only }
            guard isInParentheses else { throw unexpected("an expression") }
        }
        return Expression(kind: .tuple(elements), position: start)
    }

    private func isTupleEnd(_ end: String?) -> Bool {
        switch next.kind {
        case .variableEnd, .blockEnd, .symbol(.closeParenthesis), .end: true
        case .name(let name): name == end
        default: false
        }
    }

    /// Reads an expression.
    mutating func expression(allowsConditional: Bool = true) throws(TemplateError) -> Expression {
        try enter()
        defer { leave() }
        guard allowsConditional else { return try disjunction() }
        let start = position
        let before = unknownName
        var result = try disjunction()
        var levels = 0
        while isNext("if") {
            advance()
            unknownName = before
            try enter()
            levels += 1
            let condition = try conditional(true) { parser throws(TemplateError) in try parser.disjunction() }
            let otherwise =
                skip("else") ? try conditional(true) { parser throws(TemplateError) in try parser.expression() } : nil
            result = Expression(
                kind: .conditional(condition: condition, then: result, otherwise: otherwise), position: start)
        }
        for _ in 0..<levels { leave() }
        return result
    }

    private mutating func disjunction() throws(TemplateError) -> Expression {
        try operands("or", { parser throws(TemplateError) in try parser.conjunction() }) { .or($0) }
    }

    private mutating func conjunction() throws(TemplateError) -> Expression {
        try operands("and", { parser throws(TemplateError) in try parser.negation() }) { .and($0) }
    }

    private mutating func operands(
        _ word: String, _ read: (inout TemplateParser) throws(TemplateError) -> Expression,
        _ kind: ([Expression]) -> Expression.Kind
    ) throws(TemplateError) -> Expression {
        let first = try read(&self)
        guard isNext(word) else { return first }
        var operands = [first]
        while skip(word) { operands.append(try read(&self)) }
        return Expression(kind: kind(operands), position: first.position)
    }

    private mutating func negation() throws(TemplateError) -> Expression {
        let start = position
        guard skip("not") else { return try comparison() }
        try enter()
        defer { leave() }
        return Expression(kind: .not(try negation()), position: start)
    }

    private mutating func comparison() throws(TemplateError) -> Expression {
        let first = try sum()
        var operands: [(comparison: Expression.Comparison, operand: Expression)] = []
        while let comparison = nextComparison() {
            advance()
            if case .notContained = comparison { advance() }
            operands.append((comparison, try sum()))
        }
        if operands.isEmpty { return first }
        return Expression(kind: .compare(first, operands), position: first.position)
    }

    private func nextComparison() -> Expression.Comparison? {
        switch next.kind {
        case .symbol(.equal): .equal
        case .symbol(.notEqual): .notEqual
        case .symbol(.less): .order(.less)
        case .symbol(.lessEqual): .order(.lessEqual)
        case .symbol(.greater): .order(.greater)
        case .symbol(.greaterEqual): .order(.greaterEqual)
        case .name("in"): .contained
        case .name("not") where isFollowing("in"): .notContained
        default: nil
        }
    }

    private mutating func sum() throws(TemplateError) -> Expression {
        try arithmetic([.add, .subtract]) { parser throws(TemplateError) in try parser.concatenation() }
    }

    private mutating func concatenation() throws(TemplateError) -> Expression {
        let first = try product()
        guard isNext(.concatenate) else { return first }
        var operands = [first]
        while skip(.concatenate) { operands.append(try product()) }
        return Expression(kind: .concatenation(operands), position: first.position)
    }

    private mutating func product() throws(TemplateError) -> Expression {
        try arithmetic([.multiply, .divide, .floorDivide, .remainder]) { parser throws(TemplateError) in
            try parser.power()
        }
    }

    /// Powers are read from left to right, as Jinja does.
    private mutating func power() throws(TemplateError) -> Expression {
        try arithmetic([.power]) { parser throws(TemplateError) in try parser.unary() }
    }

    private mutating func arithmetic(
        _ symbols: [Token.Symbol], _ read: (inout TemplateParser) throws(TemplateError) -> Expression
    ) throws(TemplateError) -> Expression {
        let first = try read(&self)
        var operands: [(operation: Expression.ArithmeticOperator, operand: Expression)] = []
        while case .symbol(let symbol) = next.kind, symbols.contains(symbol),
            let operation = Expression.ArithmeticOperator(rawValue: symbol.rawValue)
        {
            advance()
            operands.append((operation, try read(&self)))
        }
        if operands.isEmpty { return first }
        return Expression(kind: .arithmetic(first, operands), position: first.position)
    }

    private mutating func unary(withFilters: Bool = true) throws(TemplateError) -> Expression {
        let start = position
        var result: Expression
        if isNext(.subtract) || isNext(.add) {
            let isNegative = isNext(.subtract)
            advance()
            try enter()
            defer { leave() }
            let operand = try unary(withFilters: false)
            result = Expression(kind: isNegative ? .negative(operand) : .positive(operand), position: start)
        } else {
            result = try primary()
        }
        return try postfixes(result, withFilters: withFilters)
    }

    // MARK: Primaries

    mutating func primary() throws(TemplateError) -> Expression {
        let token = next
        func constant(_ value: Value) -> Expression { Expression(kind: .constant(value), position: token.position) }
        switch token.kind {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return constant(.bool(true))
            case "false", "False": return constant(.bool(false))
            case "none", "None": return constant(.null)
            default:
                note(name)
                return Expression(kind: .variable(number(ofName: name)), position: token.position)
            }
        case .string(var text):
            advance()
            while case .string(let more) = next.kind {
                text.append(more)
                advance()
            }
            literals.append(text.string)
            return constant(.text(text))
        case .integer(let value):
            advance()
            return constant(.integer(value))
        case .double(let value):
            advance()
            return constant(.double(value))
        case .symbol(.openParenthesis):
            advance()
            let result = try tuple(isInParentheses: true)
            try expect(.closeParenthesis)
            return result
        case .symbol(.openBracket): return try list()
        case .symbol(.openBrace): return try dictionary()
        default: throw unexpected("an expression")
        }
    }

    private mutating func list() throws(TemplateError) -> Expression {
        let start = position
        advance()
        var elements: [Expression] = []
        while !isNext(.closeBracket) {
            if !elements.isEmpty { try expect(.comma) }
            if isNext(.closeBracket) { break }
            elements.append(try expression())
        }
        try expect(.closeBracket)
        return Expression(kind: .list(elements), position: start)
    }

    private mutating func dictionary() throws(TemplateError) -> Expression {
        let start = position
        advance()
        var entries: [(key: Expression, value: Expression)] = []
        while !isNext(.closeBrace) {
            if !entries.isEmpty { try expect(.comma) }
            if isNext(.closeBrace) { break }
            let key = try expression()
            try expect(.colon)
            entries.append((key, try expression()))
        }
        try expect(.closeBrace)
        return Expression(kind: .dictionary(entries), position: start)
    }
}
