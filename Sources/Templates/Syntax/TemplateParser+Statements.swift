extension TemplateParser {
    /// Reads a statement from its name to the end of its last tag, which is next then.
    mutating func statement(_ start: TemplatePosition) throws(TemplateError) -> [Statement] {
        guard let name = nextName else { throw unexpected("the name of a tag") }
        advance()
        switch name {
        case "if": return [try branches()]
        case "for": return [try loop()]
        case "set": return [try assignment()]
        case "macro": return [try macro()]
        case "call": return [try callBlock()]
        case "filter":
            let filters = try filters(Expression(kind: .block, position: position), startsInline: true)
            return [.filterBlock(filters: filters, body: try bodyBehindTag(through: "endfilter"))]
        case "with": return [try with()]
        case "print": return try printed()
        case "generation":
            let body = try inLoop(false) { parser throws(TemplateError) in
                try parser.bodyBehindTag(through: "endgeneration")
            }
            return [.scope(body)]
        case "break", "continue":
            guard isInLoop else { throw TemplateError(.syntax, "'\(name)' outside of a loop", at: start) }
            return [name == "break" ? .leaveLoop : .nextIteration]
        case "include", "import", "from", "extends", "block", "autoescape":
            throw TemplateError(.unsupported, "the tag '\(name)' is not supported in chat templates", at: start)
        default: throw TemplateError(.syntax, "unknown tag '\(name)'", at: start)
        }
    }

    private mutating func printed() throws(TemplateError) -> [Statement] {
        var statements: [Statement] = []
        while !isBlockEnd {
            if !statements.isEmpty { try expect(.comma) }
            statements.append(.output(try expression()))
        }
        return statements
    }

    private mutating func branches() throws(TemplateError) -> Statement {
        var branches: [(condition: Expression, body: [Statement])] = []
        var otherwise: [Statement] = []
        try conditional(true) { parser throws(TemplateError) in
            while true {
                let condition = try parser.tuple(allowsConditional: false)
                branches.append((condition, try parser.bodyBehindTag(until: ["elif", "else", "endif"])))
                if parser.skip("elif") { continue }
                if parser.skip("else") { otherwise = try parser.bodyBehindTag(until: ["endif"]) }
                break
            }
        }
        advance()
        return .branches(branches, otherwise: otherwise)
    }

    private mutating func loop() throws(TemplateError) -> Statement {
        let target = try assignmentTarget(end: "in")
        if case .name(let number) = target.kind, number == self.number(ofName: "loop") {
            throw TemplateError(.syntax, "a loop cannot assign to 'loop'", at: target.position)
        }
        try expect("in")
        let iterable = try tuple(allowsConditional: false, end: "recursive")
        let condition = skip("if") ? try expression() : nil
        let isRecursive = skip("recursive")
        return try conditional(false) { parser throws(TemplateError) in
            let (body, uses) = try parser.noting(kept: [.loop, .caller, .varargs, .kwargs]) {
                parser throws(TemplateError) in
                try parser.inLoop(true) { parser throws(TemplateError) in
                    try parser.bodyBehindTag(until: ["endfor", "else"])
                }
            }
            let otherwise = parser.skip("else") ? try parser.bodyBehindTag(until: ["endfor"]) : []
            parser.advance()
            return .loop(
                LoopStatement(
                    target: target, iterable: iterable, condition: condition, isRecursive: isRecursive, body: body,
                    otherwise: otherwise, usesLoop: isRecursive || uses.contains(.loop)))
        }
    }

    private mutating func assignment() throws(TemplateError) -> Statement {
        let target = try assignmentTarget(allowsAttributes: true)
        if skip(.assign) { return .assign(target, try tuple()) }
        let filters = try filters(Expression(kind: .block, position: position), startsInline: false)
        return .assignBlock(target, filters: filters, body: try bodyBehindTag(through: "endset"))
    }

    private mutating func macro() throws(TemplateError) -> Statement {
        let name = number(ofName: try expectName())
        let parameters = try parameters()
        return .macro(try definition(name, parameters, end: "endmacro"))
    }

    private mutating func callBlock() throws(TemplateError) -> Statement {
        let parameters = isNext(.openParenthesis) ? try parameters() : []
        let call = try expression()
        guard case .call = call.kind else {
            throw TemplateError(.syntax, "expected a call", at: call.position)
        }
        return .callBlock(try definition(number(ofName: "caller"), parameters, end: "endcall"), call: call)
    }

    /// Reads the body of a macro. A `loop` that it mentions may be that of a loop around the macro.
    private mutating func definition(
        _ name: Int, _ parameters: [(name: Int, value: Expression?)], end: String
    ) throws(TemplateError) -> MacroDefinition {
        let (body, uses) = try noting(kept: [.loop, .caller, .varargs, .kwargs]) { parser throws(TemplateError) in
            try parser.conditional(false) { parser throws(TemplateError) in
                try parser.inLoop(false) { parser throws(TemplateError) in
                    try parser.bodyBehindTag(through: end)
                }
            }
        }
        return MacroDefinition(name: name, parameters: parameters, body: body, uses: uses)
    }

    private mutating func parameters() throws(TemplateError) -> [(name: Int, value: Expression?)] {
        var parameters: [(name: Int, value: Expression?)] = []
        try expect(.openParenthesis)
        while !isNext(.closeParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            let place = position
            let name = number(ofName: try expectName())
            guard !parameters.contains(where: { $0.name == name }) else {
                throw TemplateError(.syntax, "a parameter stands twice", at: place)
            }
            let value = skip(.assign) ? try expression() : nil
            if value == nil, let last = parameters.last, last.value != nil {
                throw TemplateError(.syntax, "a parameter without a default follows one with a default", at: place)
            }
            parameters.append((name, value))
        }
        advance()
        return parameters
    }

    private mutating func with() throws(TemplateError) -> Statement {
        var assignments: [(target: AssignmentTarget, value: Expression)] = []
        while !isBlockEnd {
            if !assignments.isEmpty { try expect(.comma) }
            let target = try assignmentTarget()
            try expect(.assign)
            assignments.append((target, try expression()))
        }
        let body = try bodyBehindTag(through: "endwith")
        return .with(assignments, body: body)
    }

    /// Reads what is assigned to: a name, an attribute of a namespace, or several in a row or in parentheses.
    private mutating func assignmentTarget(
        allowsAttributes: Bool = false, end: String? = nil
    ) throws(TemplateError) -> AssignmentTarget {
        let start = position
        let first = try singleTarget(allowsAttributes)
        guard isNext(.comma) else { return first }
        var targets = [first]
        while skip(.comma) {
            if isNext(.assign) || isBlockEnd || (end.map { isNext($0) } ?? false) { break }
            targets.append(try singleTarget(allowsAttributes))
        }
        return AssignmentTarget(kind: .tuple(targets), position: start)
    }

    private mutating func singleTarget(_ allowsAttributes: Bool) throws(TemplateError) -> AssignmentTarget {
        let start = position
        if skip(.openParenthesis) {
            try enter()
            defer { leave() }
            let target = try assignmentTarget(allowsAttributes: allowsAttributes)
            try expect(.closeParenthesis)
            return target
        }
        let name = try expectName()
        guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
            throw TemplateError(.syntax, "cannot assign to '\(name)'", at: start)
        }
        guard allowsAttributes, skip(.dot) else {
            return AssignmentTarget(kind: .name(number(ofName: name)), position: start)
        }
        let attribute = TracedText(try expectName())
        // A namespace is read, not assigned.
        note(name)
        return AssignmentTarget(kind: .attribute(namespace: number(ofName: name), attribute), position: start)
    }
}
