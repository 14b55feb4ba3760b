extension Renderer {
    // MARK: Parts

    func parts(_ text: TracedText, _ method: TextMethod, _ given: [Value?]) throws(TemplateError) -> Value? {
        switch method {
        case .split, .rsplit:
            let limit: Int = try given[1]?.argument("maxsplit") ?? -1
            return try split(text, given[0], limit: limit < 0 ? .max : limit, fromEnd: method == .rsplit)
        case .splitlines: return try texts(text.lines(keepsEnds: given[0]?.isTrue ?? false))
        case .partition, .rpartition:
            let separator = try self.separator(given[0] ?? .null)
            try charge(separator.count)
            let isFirst = method == .partition
            let range =
                isFirst ? text.firstRange(of: separator) : text.lastRange(of: separator, in: 0..<text.count)
            var empty = TracedText()
            empty.isMarkup = text.isMarkup
            guard let range else {
                let parts = isFirst ? [text, empty, empty] : [empty, empty, text]
                return .tuple(ValueList(parts.map(Value.text)))
            }
            let parts = [text[0..<range.lowerBound], text[range], text[range.upperBound..<text.count]]
            return try checked(.tuple(ValueList(parts.map(Value.text))))
        default: return nil
        }
    }

    private func separator(_ value: Value) throws(TemplateError) -> TracedText {
        let separator: TracedText = try value.argument("the separator")
        guard !separator.isEmpty else { throw TemplateError(.evaluation, "empty separator") }
        return separator
    }

    private func split(
        _ text: TracedText, _ separator: Value?, limit: Int, fromEnd: Bool
    ) throws(TemplateError) -> Value {
        guard let separator, !separator.isNone else {
            return try texts(fromEnd ? text.lastWords(limit: limit) : text.words(limit: limit))
        }
        let part = try self.separator(separator)
        try charge(part.count)
        guard fromEnd, limit < .max else { return try texts(text.split(at: text.ranges(of: part, limit: limit))) }
        var ranges: [Range<Int>] = []
        let reversed = TracedText(text.scalars.reversed())
        for range in reversed.ranges(of: TracedText(part.scalars.reversed()), limit: limit).reversed() {
            ranges.append(text.count - range.upperBound..<text.count - range.lowerBound)
        }
        return try texts(text.split(at: ranges))
    }

    private func texts(_ texts: [TracedText]) throws(TemplateError) -> Value { try list(texts.map(Value.text)) }

    // MARK: Places

    func places(_ text: TracedText, _ method: TextMethod, _ given: [Value?]) throws(TemplateError) -> Value? {
        switch method {
        case .count, .find, .index, .rfind, .rindex, .startswith, .endswith: break
        default: return nil
        }
        guard let wanted = given[0] else { return nil }
        let bounds = SliceBounds(start: try place(given[1]), stop: try place(given[2]), step: 1)
        let indices = bounds.indices(text.count)
        // A start behind the end finds nothing, not even an empty text.
        let isBehind = indices.start > indices.stop || (bounds.start ?? 0) > text.count
        let range = indices.start..<max(indices.start, indices.stop)
        if method == .startswith || method == .endswith {
            var candidates = [wanted]
            if case .tuple(let list) = wanted { candidates = list.elements }
            for candidate in candidates {
                let part: TracedText = try candidate.argument("the first argument of \(method.rawValue)")
                try charge(part.count)
                let isFound = method == .startswith ? text.hasPrefix(part, in: range) : text.hasSuffix(part, in: range)
                if isFound, !isBehind { return .bool(true) }
            }
            return .bool(false)
        }
        let part: TracedText = try wanted.argument("the first argument of \(method.rawValue)")
        try charge(part.count)
        if method == .count {
            if isBehind { return .integer(0) }
            return .integer(part.isEmpty ? range.count + 1 : text[range].ranges(of: part).count)
        }
        let isLast = method == .rfind || method == .rindex
        let found = isLast ? text.lastRange(of: part, in: range) : text.firstRange(of: part, in: range)
        if let found, !isBehind { return .integer(found.lowerBound) }
        if method == .find || method == .rfind { return .integer(-1) }
        throw TemplateError(.evaluation, "substring not found")
    }

    private func place(_ value: Value?) throws(TemplateError) -> Int? {
        guard let value, !value.isNone else { return nil }
        return try value.argument("a bound")
    }
}
