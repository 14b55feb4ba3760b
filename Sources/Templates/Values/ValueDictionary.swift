/// Values by key, in the order in which their keys came first.
final class ValueDictionary: Sendable {
    let keys: [Value]
    let values: [Value]
    /// As of ``ValueList``.
    let size: Int
    /// As of ``ValueList``.
    let depth: Int
    /// The places of keys; few are found by looking at each.
    private let index: [HashedValue: Int]

    private static let fewKeys = 8

    /// A dictionary of these entries; the last of those with the same key counts.
    ///
    /// - Throws: ``TemplateError`` if a key cannot be one.
    init(_ entries: some Sequence<(Value, Value)>) throws(TemplateError) {
        var keys: [Value] = []
        var values: [Value] = []
        var index: [HashedValue: Int] = [:]
        for (key, value) in entries {
            let hashed = try HashedValue(key)
            if let place = index[hashed] {
                values[place] = value
            } else {
                index[hashed] = keys.count
                keys.append(key)
                values.append(value)
            }
        }
        var (size, depth) = (1, 0)
        for element in keys + values {
            size = size.addingSaturating(element.size)
            depth = max(depth, element.depth)
        }
        (self.keys, self.values, self.size, self.depth) = (keys, values, size, depth + 1)
        self.index = keys.count > Self.fewKeys ? index : [:]
    }

    var count: Int { keys.count }

    /// The value of a key, or nil if there is none.
    ///
    /// - Throws: ``TemplateError`` if the value cannot be a key.
    func value(_ key: Value) throws(TemplateError) -> Value? {
        if case .text(let text) = key { return value(text) }
        let hashed = try HashedValue(key)
        if keys.count > Self.fewKeys { return index[hashed].map { values[$0] } }
        return keys.firstIndex { HashedValue.isEqual($0, key) }.map { values[$0] }
    }

    func value(_ key: TracedText) -> Value? {
        if keys.count > Self.fewKeys { return index[HashedValue(key)].map { values[$0] } }
        let place = keys.firstIndex { if case .text(let other) = $0 { other == key } else { false } }
        return place.map { values[$0] }
    }
}

/// A value that can be a key: a number, a text, `none`, or a tuple of such.
struct HashedValue: Hashable {
    let value: Value

    private static let largest = 10_000

    init(_ text: TracedText) { value = .text(text) }

    /// - Throws: ``TemplateError`` if the value cannot be a key.
    init(_ value: Value) throws(TemplateError) {
        guard Self.isHashable(value) else {
            throw TemplateError(.evaluation, "unhashable type: '\(value.typeName)'")
        }
        if case .text = value {
        } else if value.size > Self.largest {
            throw TemplateError(.limit, "a key is larger than \(Self.largest) elements")
        }
        self.value = value
    }

    private static func isHashable(_ value: Value) -> Bool {
        switch value {
        case .null, .bool, .integer, .double, .text, .range, .undefined: true
        case .tuple(let list), .group(let list): list.size <= largest && list.elements.allSatisfy(isHashable)
        default: false
        }
    }

    static func == (left: HashedValue, right: HashedValue) -> Bool { isEqual(left.value, right.value) }

    /// Python's `==`.
    static func isEqual(_ left: Value, _ right: Value) -> Bool { Value.isEqual(left, right) }

    /// Equal values hash alike: integers, booleans and doubles by their number.
    func hash(into hasher: inout Hasher) { Self.hash(value, into: &hasher) }

    private static func hash(_ value: Value, into hasher: inout Hasher) {
        switch value {
        case .bool, .integer: hasher.combine(value.integer)
        case .double(let double):
            if let integer = Int(exactly: double) { hasher.combine(Int?.some(integer)) } else { hasher.combine(double) }
        case .text(let text): hasher.combine(text)
        case .tuple(let list), .group(let list):
            hasher.combine(list.count)
            for element in list.elements { hash(element, into: &hasher) }
        default: hasher.combine(value.typeName)
        }
    }
}
