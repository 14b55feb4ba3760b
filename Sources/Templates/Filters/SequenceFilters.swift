extension Filter {
    private static let length = Filter { renderer, value, _ throws(TemplateError) in
        .integer(try renderer.length(of: value))
    }

    private static func extreme(_ order: Value.Order) -> Filter {
        Filter(["case_sensitive", "attribute"]) { renderer, value, given throws(TemplateError) in
            let elements = try renderer.elements(of: value)
            guard var best = elements.first else {
                return .undefined(.hint("No aggregated item, sequence was empty."))
            }
            let path = renderer.path(given[1])
            let isCaseSensitive = given[0]?.isTrue ?? false
            var bestKey = try renderer.key(of: best, path, isCaseSensitive: isCaseSensitive)
            for element in elements.dropFirst() {
                let key = try renderer.key(of: element, path, isCaseSensitive: isCaseSensitive)
                if try renderer.compare(key, order, bestKey) { (best, bestKey) = (element, key) }
            }
            return best
        }
    }

    static let sequenceFilters: [String: Filter] = [
        "length": length, "count": length,
        "first": Filter { renderer, value, _ throws(TemplateError) in
            if case .text(let text) = value, !text.isEmpty { return .text(text.plain().character(at: 0)) }
            return try renderer.elements(of: value).first ?? .undefined(.hint("No first item, sequence was empty."))
        },
        "last": Filter { renderer, value, _ throws(TemplateError) in
            switch value {
            case .iterator:
                throw TemplateError(.evaluation, "'\(value.typeName)' object is not reversible")
            case .text(let text) where !text.isEmpty: return .text(text.character(at: text.count - 1))
            default:
                return try renderer.elements(of: value).last ?? .undefined(.hint("No last item, sequence was empty."))
            }
        },
        "list": Filter { renderer, value, _ throws(TemplateError) in try renderer.list(renderer.elements(of: value)) },
        "items": Filter { renderer, value, _ throws(TemplateError) in
            if value.isUndefined { return try renderer.iterator([]) }
            guard case .dictionary(let dictionary) = value else {
                throw TemplateError(.evaluation, "Can only get item pairs from a mapping.")
            }
            try renderer.charge(dictionary.count * 4)
            return try renderer.iterator(DictionaryView(kind: .items, dictionary: dictionary).elements)
        },
        "reverse": Filter { renderer, value, _ throws(TemplateError) in
            if case .text(let text) = value {
                return .text(
                    try renderer.slice(.text(text), Renderer.SliceBounds(start: nil, stop: nil, step: -1)).text ?? text)
            }
            let reversed = Array(try renderer.elements(of: value).reversed())
            if case .iterator = value { return try renderer.list(reversed) }
            return try renderer.iterator(reversed)
        },
        "join": Filter(["d", "attribute"]) { renderer, value, given throws(TemplateError) in
            let separator = try given[0].map { value throws(TemplateError) in try renderer.printed(value).plain() }
            let path = renderer.path(given[1])
            var result = TracedText()
            for (index, element) in try renderer.elements(of: value).enumerated() {
                let part = try renderer.printed(renderer.value(at: path, of: element))
                try renderer.expect(size: result.count + part.count + (separator?.count ?? 0))
                if index > 0, let separator { result.append(separator) }
                result.append(part)
            }
            return .text(result)
        },
        "dictsort": Filter(["case_sensitive", "by", "reverse"]) { renderer, value, given throws(TemplateError) in
            guard case .dictionary(let dictionary) = value else {
                throw TemplateError(.evaluation, "'dictsort' needs a mapping, not '\(value.typeName)'")
            }
            let by = given[1]?.text?.string ?? "key"
            guard by == "key" || by == "value" else {
                throw TemplateError(.evaluation, "You can only sort by either \"key\" or \"value\"")
            }
            let pairs = DictionaryView(kind: .items, dictionary: dictionary).elements
            return try renderer.list(
                renderer.sorted(
                    pairs, by: [[.integer(by == "key" ? 0 : 1)]], isCaseSensitive: given[0]?.isTrue ?? false,
                    isReversed: given[2]?.isTrue ?? false))
        },
        "sort": Filter(["reverse", "case_sensitive", "attribute"]) { renderer, value, given throws(TemplateError) in
            var paths = [renderer.path(given[2])]
            if case .text(let text)? = given[2] {
                paths = text.split(separator: TracedText(",")).map { renderer.path(.text($0)) }
            }
            return try renderer.list(
                renderer.sorted(
                    renderer.elements(of: value), by: paths, isCaseSensitive: given[1]?.isTrue ?? false,
                    isReversed: given[0]?.isTrue ?? false))
        },
        "unique": Filter(["case_sensitive", "attribute"]) { renderer, value, given throws(TemplateError) in
            let path = renderer.path(given[1])
            var seen: Set<HashedValue> = []
            var result: [Value] = []
            for element in try renderer.elements(of: value) {
                let key = try renderer.key(of: element, path, isCaseSensitive: given[0]?.isTrue ?? false)
                try renderer.charge(key.size + 32)
                if seen.insert(try HashedValue(key)).inserted { result.append(element) }
            }
            return try renderer.iterator(result)
        },
        "min": extreme(.less), "max": extreme(.greater),
        "groupby": Filter(["attribute", "default", "case_sensitive"], required: 1) {
            renderer, value, given throws(TemplateError) in
            try renderer.grouped(
                renderer.elements(of: value), by: renderer.path(given[0]), default: given[1],
                isCaseSensitive: given[2]?.isTrue ?? false)
        },
        "batch": Filter(["linecount", "fill_with"], required: 1) { renderer, value, given throws(TemplateError) in
            let count: Int = try (given[0] ?? .null).argument("linecount")
            var rows: [[Value]] = []
            for element in try renderer.elements(of: value) {
                if rows.isEmpty || rows[rows.count - 1].count == count { rows.append([]) }
                rows[rows.count - 1].append(element)
            }
            if let fill = given[1], !fill.isNone, let last = rows.last, last.count < count {
                try renderer.expect(size: count)
                rows[rows.count - 1] += repeatElement(fill, count: count - last.count)
            }
            return try renderer.iterator(rows.map { .list(ValueList($0)) })
        },
        "slice": Filter(["slices", "fill_with"], required: 1) { renderer, value, given throws(TemplateError) in
            let count: Int = try (given[0] ?? .null).argument("slices")
            let elements = try renderer.elements(of: value)
            guard count != 0 else { throw TemplateError(.evaluation, "division by zero") }
            try renderer.expect(size: max(0, count))
            var rows: [Value] = []
            var start = 0
            for index in 0..<max(0, count) {
                let hasExtra = index < elements.count % count
                let end = start + elements.count / count + (hasExtra ? 1 : 0)
                var row = Array(elements[start..<end])
                if let fill = given[1], !fill.isNone, !hasExtra { row.append(fill) }
                rows.append(.list(ValueList(row)))
                start = end
            }
            return try renderer.iterator(rows)
        },
    ]
}

extension Renderer {
    func length(of value: Value) throws(TemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .text(let text): return text.count
        case .list(let list), .tuple(let list), .group(let list): return list.count
        case .dictionary(let dictionary): return dictionary.count
        case .view(let view): return view.dictionary.count
        case .range(let range): return range.count ?? 0
        case .loop(let number): return try loops[number].length(self)
        default: throw TemplateError(.evaluation, "object of type '\(value.typeName)' has no len()")
        }
    }

    /// The key by which a value is ordered and compared: its part at a path, in lower case unless case counts.
    func key(of value: Value, _ path: [Value], isCaseSensitive: Bool) throws(TemplateError) -> Value {
        let key = try self.value(at: path, of: value)
        guard !isCaseSensitive, case .text(let text) = key else { return key }
        try charge(text.count)
        return .text(text.lowercased())
    }

    fileprivate func sorted(
        _ elements: [Value], by paths: [[Value]], isCaseSensitive: Bool, isReversed: Bool
    ) throws(TemplateError) -> [Value] {
        var keyed: [(key: Value, value: Value)] = []
        try charge(elements.count * 32)
        for element in elements {
            var keys: [Value] = []
            for path in paths { keys.append(try key(of: element, path, isCaseSensitive: isCaseSensitive)) }
            keyed.append((.list(ValueList(keys)), element))
        }
        return try PenstockTemplates.sorted(keyed) { left, right throws(TemplateError) in
            try charge(16)
            return try isReversed ? compare(right.key, .less, left.key) : compare(left.key, .less, right.key)
        }.map(\.value)
    }

    fileprivate func grouped(
        _ elements: [Value], by path: [Value], default: Value?, isCaseSensitive: Bool
    ) throws(TemplateError) -> Value {
        func key(_ element: Value) throws(TemplateError) -> Value {
            let key = try value(at: path, of: element, default: `default`.flatMap { $0.isNone ? nil : $0 })
            return isCaseSensitive ? key : try self.key(of: key, [], isCaseSensitive: false)
        }
        var keyed: [(key: Value, value: Value)] = []
        try charge(elements.count * 32)
        for element in elements { keyed.append((try key(element), element)) }
        let sorted = try PenstockTemplates.sorted(keyed) { left, right throws(TemplateError) in
            try charge(16)
            return try compare(left.key, .less, right.key)
        }
        var groups: [(key: Value, values: [Value])] = []
        for (key, value) in sorted {
            if !groups.isEmpty, try isEqual(groups[groups.count - 1].key, key) {
                groups[groups.count - 1].values.append(value)
            } else {
                groups.append((key, [value]))
            }
        }
        var result: [Value] = []
        for (_, values) in groups {
            let real = try value(at: path, of: values[0], default: `default`.flatMap { $0.isNone ? nil : $0 })
            result.append(.group(ValueList([real, .list(ValueList(values))])))
        }
        return try list(result)
    }
}
