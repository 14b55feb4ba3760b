extension Value {
    /// Python's `==`. Takes time linear in the smaller of the two sizes.
    static func isEqual(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): true
        case (.text(let left), .text(let right)): left == right
        case (.list(let left), .list(let right)): areEqual(left, right)
        case (.tuple(let left), .tuple(let right)), (.group(let left), .group(let right)),
            (.tuple(let left), .group(let right)), (.group(let left), .tuple(let right)):
            areEqual(left, right)
        case (.dictionary(let left), .dictionary(let right)): areEqual(left, right)
        case (.range(let left), .range(let right)):
            left.count == right.count
                && (left.count == 0 || (left.start == right.start && (left.count == 1 || left.step == right.step)))
        case (.view(let left), .view(let right)): left.kind != .values && areEqual(left, right)
        case (.iterator(let left), .iterator(let right)), (.macro(let left), .macro(let right)),
            (.namespace(let left), .namespace(let right)), (.loop(let left), .loop(let right)),
            (.counter(let left), .counter(let right)):
            left == right
        case (.function(let left), .function(let right)): left == right
        case (.method(let left), .method(let right)): left === right
        default: numbersAreEqual(left, right)
        }
    }

    private static func areEqual(_ left: ValueList, _ right: ValueList) -> Bool {
        left.count == right.count && zip(left.elements, right.elements).allSatisfy(isEqual)
    }

    private static func areEqual(_ left: ValueDictionary, _ right: ValueDictionary) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left.keys, left.values).allSatisfy { key, value in
            ((try? right.value(key)) ?? nil).map { isEqual(value, $0) } ?? false
        }
    }

    private static func areEqual(_ left: DictionaryView, _ right: DictionaryView) -> Bool {
        left.kind == right.kind && left.dictionary.count == right.dictionary.count
            && left.dictionary.keys.allSatisfy { key in
                guard let other = (try? right.dictionary.value(key)) ?? nil else { return false }
                guard left.kind == .items, let own = (try? left.dictionary.value(key)) ?? nil else { return true }
                return isEqual(own, other)
            }
    }

    private static func numbersAreEqual(_ left: Value, _ right: Value) -> Bool {
        guard left.double != nil, right.double != nil else { return false }
        return order(ofNumbers: left, right) == .some(0)
    }

    /// -1, 0 or 1 as one number is less than, equal to or greater than the other; nil if one of them is not a number.
    private static func order(ofNumbers left: Value, _ right: Value) -> Int? {
        switch (left, right) {
        case (.double(let left), .double(let right)):
            return left < right ? -1 : left > right ? 1 : left == right ? 0 : nil
        case (.double(let left), _):
            guard let right = right.integer else { return nil }
            return order(right, left).map { -$0 }
        case (_, .double(let right)):
            guard let left = left.integer else { return nil }
            return order(left, right)
        default:
            guard let left = left.integer, let right = right.integer else { return nil }
            return left < right ? -1 : left > right ? 1 : 0
        }
    }

    /// An integer compared with a double as the numbers that they are, not rounded.
    private static func order(_ integer: Int, _ double: Double) -> Int? {
        if double.isNaN { return nil }
        // 2⁶³ is the first double above all integers of 64 bits.
        if double >= 0x1p63 { return -1 }
        if double < -0x1p63 { return 1 }
        let floor = double.rounded(.down)
        let whole = Int(floor)
        if integer != whole { return integer < whole ? -1 : 1 }
        return floor < double ? -1 : 0
    }

    /// The comparisons by order.
    enum Order: String, Sendable {
        case less = "<"
        case lessEqual = "<="
        case greater = ">"
        case greaterEqual = ">="

        func holds(_ order: Int) -> Bool {
            switch self {
            case .less: order < 0
            case .lessEqual: order <= 0
            case .greater: order > 0
            case .greaterEqual: order >= 0
            }
        }
    }

    /// Python's comparison by order: of numbers, of texts by code points, of lists and of tuples by their first
    /// difference.
    ///
    /// - Throws: ``TemplateError`` if the two have no order.
    static func compare(_ left: Value, _ order: Order, _ right: Value) throws(TemplateError) -> Bool {
        switch (left, right) {
        case (.undefined(let undefined), _), (_, .undefined(let undefined)):
            throw TemplateError(.undefined, undefined.message)
        case (.text(let left), .text(let right)):
            return order.holds(left == right ? 0 : left < right ? -1 : 1)
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)),
            (.group(let left), .group(let right)), (.tuple(let left), .group(let right)),
            (.group(let left), .tuple(let right)):
            for (first, second) in zip(left.elements, right.elements) where !isEqual(first, second) {
                return try compare(first, order, second)
            }
            return order.holds(left.count - right.count)
        default:
            guard left.double != nil, right.double != nil else {
                throw TemplateError(
                    .evaluation,
                    "'\(order.rawValue)' not supported between instances of '\(left.typeName)' and '\(right.typeName)'")
            }
            return self.order(ofNumbers: left, right).map(order.holds) ?? false
        }
    }
}
