extension TemplateParser {
    /// Reads what follows a primary: subscripts and calls, then filters, tests and calls.
    ///
    /// Each of them is a level of nesting for the evaluation.
    mutating func postfixes(_ base: Expression, withFilters: Bool) throws(TemplateError) -> Expression {
        var result = base
        var levels = 0
        while true {
            let start = position
            if skip(.dot) {
                result = try attribute(of: result, start)
            } else if isNext(.openBracket) {
                result = try item(of: result, start)
            } else if isNext(.openParenthesis) {
                result = Expression(kind: .call(result, try arguments()), position: start)
            } else {
                break
            }
            try enter()
            levels += 1
        }
        while withFilters {
            let start = position
            if isNext(.pipe) {
                result = try filters(result, startsInline: false, isSingle: true)
            } else if skip("is") {
                result = try test(result)
            } else if isNext(.openParenthesis) {
                result = Expression(kind: .call(result, try arguments()), position: start)
            } else {
                break
            }
            try enter()
            levels += 1
        }
        for _ in 0..<levels { leave() }
        return result
    }

    private mutating func attribute(
        of base: Expression, _ start: TemplatePosition
    ) throws(TemplateError) -> Expression {
        switch next.kind {
        case .name(let name):
            advance()
            return Expression(kind: .attribute(base, Attribute(TracedText(name))), position: start)
        case .integer(let index):
            let constant = Expression(kind: .constant(.integer(index)), position: position)
            advance()
            return Expression(kind: .item(base, constant), position: start)
        default: throw unexpected("a name or a number")
        }
    }

    private mutating func item(of base: Expression, _ start: TemplatePosition) throws(TemplateError) -> Expression {
        try expect(.openBracket)
        if let slice = try slice(of: base, start) { return slice }
        var indices = [try expression()]
        if isNext(.colon) {
            let result = try slice(of: base, start, from: indices[0])
            if let result { return result }
        }
        while skip(.comma) { indices.append(try expression()) }
        try expect(.closeBracket)
        let index = indices.count == 1 ? indices[0] : Expression(kind: .tuple(indices), position: start)
        return Expression(kind: .item(base, index), position: start)
    }

    /// Reads `start:stop:step`, of which the start may have been read, and the bracket behind it.
    private mutating func slice(
        of base: Expression, _ position: TemplatePosition, from start: Expression? = nil
    ) throws(TemplateError) -> Expression? {
        guard skip(.colon) else { return nil }
        let stop = isNext(.colon) || isNext(.closeBracket) ? nil : try expression()
        let step = skip(.colon) && !isNext(.closeBracket) ? try expression() : nil
        try expect(.closeBracket)
        return Expression(kind: .slice(base, start: start, stop: stop, step: step), position: position)
    }

    /// Reads filters, each behind `|`; the first one of a block without it.
    mutating func filters(
        _ base: Expression, startsInline: Bool, isSingle: Bool = false
    ) throws(TemplateError) -> Expression {
        var result = base
        var levels = 0
        var isInline = startsInline
        while isInline || isNext(.pipe) {
            if !isInline { advance() }
            isInline = false
            let start = position
            let name = FilterName(try dottedName())
            if name.filter == nil { noteUnknown("filter", name.name, isKnown: Filter.unsupported.contains, start) }
            let arguments = isNext(.openParenthesis) ? try arguments() : CallArguments()
            result = Expression(kind: .filter(result, name, arguments), position: start)
            if isSingle { break }
            try enter()
            levels += 1
        }
        for _ in 0..<levels { leave() }
        return result
    }

    private mutating func test(_ base: Expression) throws(TemplateError) -> Expression {
        let isNegated = skip("not")
        let start = position
        let name = TestName(try dottedName())
        if name.test == nil { noteUnknown("test", name.name, isKnown: { _ in false }, start) }
        var arguments = CallArguments()
        if isNext(.openParenthesis) {
            arguments = try self.arguments()
        } else if isTestArgument {
            guard !isNext("is") else { throw TemplateError(.syntax, "tests cannot be chained", at: position) }
            try enter()
            defer { leave() }
            arguments.positional = [try postfixes(try primary(), withFilters: false)]
        }
        let result = Expression(kind: .test(base, name, arguments), position: start)
        return isNegated ? Expression(kind: .not(result), position: start) : result
    }

    /// True if what follows a test's name is its argument without parentheses.
    private var isTestArgument: Bool {
        switch next.kind {
        case .name(let name): !["else", "or", "and"].contains(name)
        case .string, .integer, .double, .symbol(.openBracket), .symbol(.openBrace): true
        default: false
        }
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expectName()
        while skip(.dot) { name += ".\(try expectName())" }
        return name
    }

    private mutating func noteUnknown(
        _ kind: String, _ name: String, isKnown: (String) -> Bool, _ position: TemplatePosition
    ) {
        guard !isConditional, unknownName == nil else { return }
        unknownName =
            isKnown(name)
            ? TemplateError(.unsupported, "the \(kind) '\(name)' is not supported in chat templates", at: position)
            : TemplateError(.syntax, "no \(kind) named '\(name)'", at: position)
    }

    /// Reads the arguments of a call with their parentheses.
    mutating func arguments() throws(TemplateError) -> CallArguments {
        var arguments = CallArguments()
        try expect(.openParenthesis)
        var isFirst = true
        while !isNext(.closeParenthesis) {
            if !isFirst {
                try expect(.comma)
                if isNext(.closeParenthesis) { break }
            }
            isFirst = false
            try argument(&arguments)
        }
        try expect(.closeParenthesis)
        return arguments
    }

    private mutating func argument(_ arguments: inout CallArguments) throws(TemplateError) {
        let start = position
        var isInOrder = arguments.unpackedNamed == nil
        if skip(.multiply) {
            isInOrder = isInOrder && arguments.unpacked == nil
            arguments.unpacked = try expression()
        } else if skip(.power) {
            arguments.unpackedNamed = try expression()
        } else if let name = nextName, isFollowing(.assign) {
            advance()
            advance()
            guard !arguments.named.contains(where: { $0.name == name }) else {
                throw TemplateError(.syntax, "the argument '\(name)' stands twice", at: start)
            }
            arguments.named.append((name, try expression()))
        } else {
            isInOrder = isInOrder && arguments.unpacked == nil && arguments.named.isEmpty
            arguments.positional.append(try expression())
        }
        guard isInOrder else {
            throw TemplateError(.syntax, "arguments stand in an order that is not possible", at: start)
        }
    }
}
