#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Renderer {
    /// A binary operation of Python on two values.
    func combine(
        _ left: Value, _ operation: Expression.ArithmeticOperator, _ right: Value
    ) throws(TemplateError) -> Value {
        if case .text(let text) = left, operation == .remainder { return .text(try percentFormat(text, right)) }
        for operand in [left, right] {
            if case .undefined(let undefined) = operand { throw TemplateError(.undefined, undefined.message) }
        }
        if let first = left.integer, let second = right.integer {
            return try combine(first, operation, second)
        }
        if let first = left.double, let second = right.double { return .double(try combine(first, operation, second)) }
        switch (left, operation, right) {
        case (.text(let first), .add, .text(let second)): return .text(try added(first, second))
        case (.list(let first), .add, .list(let second)): return .list(try added(first, second))
        case (.tuple(let first), .add, .tuple(let second)), (.group(let first), .add, .tuple(let second)),
            (.tuple(let first), .add, .group(let second)), (.group(let first), .add, .group(let second)):
            return .tuple(try added(first, second))
        case (_, .multiply, _):
            if let count = right.integer, let repeated = try repeated(left, count) { return repeated }
            if let count = left.integer, let repeated = try repeated(right, count) { return repeated }
        default: break
        }
        throw TemplateError(
            .evaluation,
            "unsupported operand types for \(operation.rawValue): '\(left.typeName)' and '\(right.typeName)'")
    }

    func impossible(_ operation: String, _ value: Value) -> TemplateError {
        if case .undefined(let undefined) = value { return TemplateError(.undefined, undefined.message) }
        return TemplateError(.evaluation, "bad operand type for \(operation): '\(value.typeName)'")
    }

    func negated(_ value: Value) throws(TemplateError) -> Value {
        if case .double(let double) = value { return .double(-double) }
        guard let integer = value.integer else { throw impossible("unary -", value) }
        let (result, overflow) = 0.subtractingReportingOverflow(integer)
        guard !overflow else { throw Self.overflow }
        return .integer(result)
    }

    // MARK: Texts and lists

    /// One text behind another; markup takes only what is escaped.
    func added(_ first: TracedText, _ second: TracedText) throws(TemplateError) -> TracedText {
        let isMarkup = first.isMarkup || second.isMarkup
        var result = isMarkup ? try escaped(first) : first
        let rest = isMarkup ? try escaped(second) : second
        try expect(size: result.count + rest.count)
        result.append(rest)
        return result
    }

    private func added(_ first: ValueList, _ second: ValueList) throws(TemplateError) -> ValueList {
        try expect(size: first.size.addingSaturating(second.size))
        return ValueList(first.elements + second.elements)
    }

    /// A text or a list several times, or nil if the value is neither.
    private func repeated(_ value: Value, _ count: Int) throws(TemplateError) -> Value? {
        switch value {
        case .text, .list, .tuple, .group:
            let (size, overflow) = value.size.multipliedReportingOverflow(by: max(0, count))
            try expect(size: overflow ? .max : size)
        default: return nil
        }
        switch value {
        case .text(let text):
            var result = TracedText()
            result.isMarkup = text.isMarkup
            for _ in 0..<max(0, count) { result.append(text) }
            return .text(result)
        case .list(let list): return .list(ValueList(Self.repeated(list.elements, count)))
        case .tuple(let list), .group(let list): return .tuple(ValueList(Self.repeated(list.elements, count)))
        default: return nil
        }
    }

    private static func repeated(_ elements: [Value], _ count: Int) -> [Value] {
        Array(repeatElement(elements, count: max(0, count)).joined())
    }

    // MARK: Numbers

    static let overflow = TemplateError(.evaluation, "an integer does not fit 64 bits")
    private static let divisionByZero = TemplateError(.evaluation, "division by zero")

    private func combine(
        _ left: Int, _ operation: Expression.ArithmeticOperator, _ right: Int
    ) throws(TemplateError) -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw Self.divisionByZero }
            return .double(Double(left) / Double(right))
        case .floorDivide, .remainder:
            guard right != 0 else { throw Self.divisionByZero }
            let (quotient, overflow) = left.dividedReportingOverflow(by: right)
            guard !overflow else {
                if operation == .remainder { return .integer(0) }
                throw Self.overflow
            }
            let remainder = left % right
            let isBelow = remainder != 0 && (remainder < 0) != (right < 0)
            return .integer(
                operation == .floorDivide ? quotient - (isBelow ? 1 : 0) : remainder + (isBelow ? right : 0))
        case .power:
            guard right >= 0 else {
                return .double(try combine(Double(left), .power, Double(right)))
            }
            return .integer(try Self.power(left, right))
        }
        guard !result.overflow else { throw Self.overflow }
        return .integer(result.partialValue)
    }

    private static func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> Int {
        var (result, square, rest) = (1, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 {
                let (product, overflow) = result.multipliedReportingOverflow(by: square)
                guard !overflow else { throw Self.overflow }
                result = product
            }
            rest >>= 1
            guard rest > 0 else { break }
            let (product, overflow) = square.multipliedReportingOverflow(by: square)
            guard !overflow else { throw Self.overflow }
            square = product
        }
        return result
    }

    private func combine(
        _ left: Double, _ operation: Expression.ArithmeticOperator, _ right: Double
    ) throws(TemplateError) -> Double {
        switch operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide:
            guard right != 0 else { throw Self.divisionByZero }
            return left / right
        case .floorDivide, .remainder:
            guard right != 0 else { throw Self.divisionByZero }
            var remainder = fmod(left, right)
            var quotient = (left - remainder) / right
            if remainder != 0, (remainder < 0) != (right < 0) {
                remainder += right
                quotient -= 1
            }
            if remainder == 0 { remainder = Double(signOf: right, magnitudeOf: 0) }
            guard operation == .floorDivide else { return remainder }
            guard quotient != 0 else { return Double(signOf: left / right, magnitudeOf: 0) }
            let floor = quotient.rounded(.down)
            return quotient - floor > 0.5 ? floor + 1 : floor
        case .power:
            if left == 0, right < 0 { throw Self.divisionByZero }
            if left < 0, left.isFinite, right.isFinite, right != right.rounded() {
                throw TemplateError(.evaluation, "the power is a complex number")
            }
            let result = pow(left, right)
            guard result.isFinite || !left.isFinite || !right.isFinite else {
                throw TemplateError(.evaluation, "the power is larger than the largest number")
            }
            return result
        }
    }
}
