extension Renderer {
    /// The value of an expression. Errors name its place.
    func evaluate(_ expression: Expression, _ scope: Scope) throws(TemplateError) -> Value {
        switch expression.kind {
        case .constant(let value): return value
        case .variable(let name): return variable(name, scope)
        default:
            return try deeper { () throws(TemplateError) in
                do throws(TemplateError) { return try value(of: expression, scope) } catch {
                    throw error.located(expression.position)
                }
            }
        }
    }

    private func value(of expression: Expression, _ scope: Scope) throws(TemplateError) -> Value {
        switch expression.kind {
        case .constant(let value): return value
        case .variable(let name): return variable(name, scope)
        case .attribute(let owner, let attribute):
            return try self.attribute(attribute, of: evaluate(owner, scope))
        case .item(let owner, let key):
            let owner = try evaluate(owner, scope)
            return try item(evaluate(key, scope), of: owner)
        case .call(let callee, let arguments):
            let callee = try evaluate(callee, scope)
            return try call(callee, self.arguments(arguments, scope))
        case .filter(let base, let name, let arguments):
            let value = try evaluate(base, scope)
            return try filter(name, value, self.arguments(arguments, scope))
        case .test(let base, let name, let arguments):
            let value = try evaluate(base, scope)
            return .bool(try test(name, value, self.arguments(arguments, scope)))
        case .not(let operand): return .bool(!(try evaluate(operand, scope).isTrue))
        case .compare(let first, let operands): return try compare(first, operands, scope)
        case .arithmetic(let first, let operands):
            var result = try evaluate(first, scope)
            for (operation, operand) in operands {
                result = try combine(result, operation, evaluate(operand, scope))
            }
            return result
        case .block: return .text(blockText)
        default: return try composed(expression, scope)
        }
    }

    /// The value of an expression of one of the other kinds.
    private func composed(_ expression: Expression, _ scope: Scope) throws(TemplateError) -> Value {
        switch expression.kind {
        case .and(let operands): return try firstOperand(operands, isTrue: false, scope)
        case .or(let operands): return try firstOperand(operands, isTrue: true, scope)
        case .conditional(let condition, let then, let otherwise):
            if try evaluate(condition, scope).isTrue { return try evaluate(then, scope) }
            if let otherwise { return try evaluate(otherwise, scope) }
            return .undefined(.hint("the inline if-expression evaluated to false and no else section was defined"))
        case .concatenation(let operands): return try concatenated(operands, scope)
        case .list(let elements): return try list(values(elements, scope))
        case .tuple(let elements): return try checked(.tuple(ValueList(values(elements, scope))))
        case .dictionary(let entries):
            var values: [(Value, Value)] = []
            for (key, value) in entries { values.append((try evaluate(key, scope), try evaluate(value, scope))) }
            return try checked(.dictionary(ValueDictionary(values)))
        case .negative(let operand): return try negated(evaluate(operand, scope))
        case .positive(let operand):
            let value = try evaluate(operand, scope)
            if case .double = value { return value }
            guard let integer = value.integer else { throw impossible("unary +", value) }
            return .integer(integer)
        case .slice(let owner, let start, let stop, let step):
            let owner = try evaluate(owner, scope)
            let bounds = SliceBounds(
                start: try bound(start, scope), stop: try bound(stop, scope), step: try bound(step, scope) ?? 1)
            return try slice(owner, bounds)
        default: return .null
        }
    }

    func variable(_ name: Int, _ scope: Scope) -> Value {
        if let value = scope.value(name) { return value }
        if let function = template.functions[name] { return .function(function) }
        return .undefined(.variable(template.names[name]))
    }

    private func values(_ expressions: [Expression], _ scope: Scope) throws(TemplateError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression, scope)) }
        return values
    }

    /// The first operand with a truth, or else the last one.
    private func firstOperand(
        _ operands: [Expression], isTrue: Bool, _ scope: Scope
    ) throws(TemplateError) -> Value {
        var value = Value.null
        for operand in operands {
            value = try evaluate(operand, scope)
            if value.isTrue == isTrue { break }
        }
        return value
    }

    private func concatenated(_ operands: [Expression], _ scope: Scope) throws(TemplateError) -> Value {
        var text = TracedText()
        for operand in operands {
            let part = try printed(evaluate(operand, scope))
            try expect(size: text.count + part.count)
            text.append(part)
        }
        return .text(text)
    }

    private func compare(
        _ first: Expression, _ operands: [(comparison: Expression.Comparison, operand: Expression)], _ scope: Scope
    ) throws(TemplateError) -> Value {
        var left = try evaluate(first, scope)
        for (comparison, operand) in operands {
            let right = try evaluate(operand, scope)
            guard try holds(left, comparison, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    private func holds(
        _ left: Value, _ comparison: Expression.Comparison, _ right: Value
    ) throws(TemplateError) -> Bool {
        switch comparison {
        case .equal: return try isEqual(left, right)
        case .notEqual: return !(try isEqual(left, right))
        case .order(let order): return try compare(left, order, right)
        case .contained: return try contains(right, left)
        case .notContained: return !(try contains(right, left))
        }
    }

    func isEqual(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
        try charge(min(left.size, right.size))
        return Value.isEqual(left, right)
    }

    func compare(_ left: Value, _ order: Value.Order, _ right: Value) throws(TemplateError) -> Bool {
        try charge(min(left.size, right.size))
        return try Value.compare(left, order, right)
    }

    /// Python's `in`.
    func contains(_ container: Value, _ value: Value) throws(TemplateError) -> Bool {
        switch container {
        case .text(let text):
            let part: TracedText = try value.argument("the left operand of 'in'")
            try charge(text.count + part.count)
            return text.firstRange(of: part) != nil
        case .dictionary(let dictionary):
            try charge(value.size)
            return try dictionary.value(value) != nil
        case .view(let view) where view.kind == .keys:
            try charge(value.size)
            return try view.dictionary.value(value) != nil
        case .integer, .double, .bool, .null, .function, .method, .macro, .namespace, .counter, .loop:
            throw TemplateError(.evaluation, "argument of type '\(container.typeName)' is not iterable")
        default:
            for element in try elements(of: container) where try isEqual(element, value) { return true }
            return false
        }
    }

    // MARK: Arguments

    func arguments(_ arguments: CallArguments, _ scope: Scope) throws(TemplateError) -> Arguments {
        var result = Arguments(positional: try values(arguments.positional, scope))
        for (name, value) in arguments.named { result.named.append((name, try evaluate(value, scope))) }
        if let unpacked = arguments.unpacked {
            result.positional += try elements(of: evaluate(unpacked, scope))
        }
        if let unpacked = arguments.unpackedNamed {
            guard case .dictionary(let dictionary) = try evaluate(unpacked, scope) else {
                throw TemplateError(.evaluation, "the argument behind ** must be a mapping")
            }
            for (key, value) in zip(dictionary.keys, dictionary.values) {
                guard let name = key.text?.string, !result.named.contains(where: { $0.name == name }) else {
                    throw TemplateError(.evaluation, "the keys behind ** must be texts, each once")
                }
                try charge(result.named.count)
                result.named.append((name, value))
            }
        }
        return result
    }
}
