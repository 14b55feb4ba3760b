extension Renderer {
    func execute(_ statements: [Statement], _ scope: Scope) throws(TemplateError) -> Flow {
        for statement in statements {
            let flow = try deeper { () throws(TemplateError) in try execute(statement, scope) }
            guard case .onward = flow else { return flow }
        }
        return .onward
    }

    private func execute(_ statement: Statement, _ scope: Scope) throws(TemplateError) -> Flow {
        switch statement {
        case .text(let text): try write(text)
        case .output(let expression): try write(printed(expression, scope))
        case .branches(let branches, let otherwise): return try execute(branches, otherwise, scope)
        case .loop(let loop): return try execute(loop, scope)
        case .assign(let target, let expression): try assign(evaluate(expression, scope), to: target, scope)
        case .assignBlock(let target, let filters, let body):
            let (text, flow) = try filtered(filters, body, scope)
            guard case .onward = flow else { return flow }
            try assign(.text(text), to: target, scope)
        case .macro(let macro): scope.set(macro.name, try value(of: macro, scope))
        case .callBlock(let body, let call): try execute(call: call, body, scope)
        case .filterBlock(let filters, let body):
            let (text, flow) = try filtered(filters, body, scope)
            guard case .onward = flow else { return flow }
            try write(text)
        case .with(let assignments, let body): return try execute(assignments, body, scope)
        case .scope(let body): return try execute(body, Scope(in: scope))
        case .leaveLoop: return .leaveLoop
        case .nextIteration: return .nextIteration
        }
        return .onward
    }

    /// The text of an expression, with its place in an error.
    private func printed(_ expression: Expression, _ scope: Scope) throws(TemplateError) -> TracedText {
        let value = try evaluate(expression, scope)
        do throws(TemplateError) { return try printed(value) } catch { throw error.located(expression.position) }
    }

    private func execute(
        _ branches: [(condition: Expression, body: [Statement])], _ otherwise: [Statement], _ scope: Scope
    ) throws(TemplateError) -> Flow {
        for (condition, body) in branches where try evaluate(condition, scope).isTrue {
            return try execute(body, scope)
        }
        return try execute(otherwise, scope)
    }

    private func execute(
        _ assignments: [(target: AssignmentTarget, value: Expression)], _ body: [Statement], _ scope: Scope
    ) throws(TemplateError) -> Flow {
        let inner = Scope(in: scope)
        for (target, expression) in assignments { try assign(evaluate(expression, scope), to: target, inner) }
        return try execute(body, inner)
    }

    /// The text of a body behind its filters.
    private func filtered(
        _ filters: Expression, _ body: [Statement], _ scope: Scope
    ) throws(TemplateError) -> (TracedText, Flow) {
        let (text, flow) = try captured { () throws(TemplateError) in try execute(body, Scope(in: scope)) }
        let before = blockText
        blockText = text
        defer { blockText = before }
        guard case .onward = flow else { return (text, flow) }
        return (try printed(filters, scope), flow)
    }

    // MARK: Assignments

    func assign(_ value: Value, to target: AssignmentTarget, _ scope: Scope) throws(TemplateError) {
        do throws(TemplateError) {
            switch target.kind {
            case .name(let name): scope.set(name, value)
            case .attribute(let name, let attribute):
                guard case .namespace(let number) = variable(name, scope) else {
                    throw TemplateError(.evaluation, "cannot assign attribute on non-namespace object")
                }
                try setAttribute(attribute, value, number)
            case .tuple(let targets):
                let elements = try elements(of: value)
                guard elements.count == targets.count else {
                    let fault = elements.count < targets.count ? "not enough" : "too many"
                    throw TemplateError(.evaluation, "\(fault) values to unpack (expected \(targets.count))")
                }
                for (target, element) in zip(targets, elements) { try assign(element, to: target, scope) }
            }
        } catch { throw error.located(target.position) }
    }

    func setAttribute(_ name: TracedText, _ value: Value, _ namespace: Int) throws(TemplateError) {
        guard name.scalars.first != "_" else {
            throw TemplateError(
                .evaluation, "names that begin with an underscore cannot be stored on a namespace: '\(name.string)'")
        }
        try charge(name.count + 16)
        namespaces[namespace][name] = value
    }

    // MARK: Macros

    private func value(of macro: MacroDefinition, _ scope: Scope) throws(TemplateError) -> Value {
        try charge(16)
        macros.append((macro, scope))
        return .macro(macros.count - 1)
    }

    private func execute(call: Expression, _ body: MacroDefinition, _ scope: Scope) throws(TemplateError) {
        guard case .call(let callee, let arguments) = call.kind else { return }
        do throws(TemplateError) {
            var given = try self.arguments(arguments, scope)
            given.named.append(("caller", try value(of: body, scope)))
            let callee = try evaluate(callee, scope)
            try write(printed(self.call(callee, given)))
        } catch { throw error.located(call.position) }
    }

    /// Calls a macro: its body is rendered with a variable for each parameter.
    func call(macro number: Int, _ arguments: Arguments) throws(TemplateError) -> Value {
        let (macro, definitionScope) = macros[number]
        let scope = Scope(in: definitionScope)
        let name = template.names[macro.name]
        var named = arguments.named
        func take(_ name: String) -> Value? {
            named.firstIndex { $0.name == name }.map { named.remove(at: $0).value }
        }
        for (index, parameter) in macro.parameters.enumerated() {
            let parameterName = template.names[parameter.name]
            if index < arguments.positional.count {
                scope.set(parameter.name, arguments.positional[index])
            } else if let value = take(parameterName) {
                scope.set(parameter.name, value)
            } else if let value = parameter.value {
                scope.set(parameter.name, try evaluate(value, scope))
            } else {
                scope.set(parameter.name, .undefined(.hint("parameter '\(parameterName)' was not provided")))
            }
        }
        if macro.usesCaller, !macro.parameters.contains(where: { $0.name == template.callerName }) {
            scope.set(template.callerName, take("caller") ?? .undefined(.hint("No caller defined")))
        }
        if macro.usesKwargs {
            let entries = named.map { (Value.text($0.name), $0.value) }
            scope.set(template.kwargsName, try checked(.dictionary(ValueDictionary(entries))))
        } else if let (extra, _) = named.first {
            throw TemplateError(.evaluation, "macro '\(name)' takes no keyword argument '\(extra)'")
        }
        let rest = Array(arguments.positional.dropFirst(macro.parameters.count))
        if macro.usesVarargs {
            scope.set(template.varargsName, try checked(.tuple(ValueList(rest))))
        } else if !rest.isEmpty {
            throw TemplateError(
                .evaluation, "macro '\(name)' takes not more than \(macro.parameters.count) arguments")
        }
        return .text(try captured { () throws(TemplateError) in try execute(macro.body, scope) }.0)
    }
}

extension TemplateError {
    /// The error at a place, unless it has one already.
    func located(_ position: TemplatePosition) -> TemplateError {
        guard self.position == nil else { return self }
        var error = self
        error.position = position
        return error
    }
}
