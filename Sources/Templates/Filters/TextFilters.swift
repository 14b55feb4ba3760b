extension Filter {
    /// A filter of the value's text alone.
    private static func text(
        _ change: @escaping @Sendable (TracedText) -> TracedText
    ) -> Filter {
        Filter { renderer, value, _ throws(TemplateError) in
            let text = try renderer.printed(value)
            try renderer.charge(text.count * 4)
            return try renderer.text(change(text))
        }
    }

    private static let escape = Filter { renderer, value, _ throws(TemplateError) in
        .text(try renderer.escaped(renderer.printed(value)))
    }

    static let textFilters: [String: Filter] = [
        "upper": text { $0.uppercased() }, "lower": text { $0.lowercased() },
        "capitalize": text { $0.capitalized() }, "title": text { $0.titledWords() }, "string": text { $0 },
        "safe": text {
            var text = $0
            text.isMarkup = true
            return text
        },
        "escape": escape, "e": escape,
        "forceescape": Filter { renderer, value, _ throws(TemplateError) in
            .text(try renderer.escaped(renderer.printed(value).plain()))
        },
        "trim": Filter(["chars"]) { renderer, value, given throws(TemplateError) in
            let text = try renderer.printed(value)
            try renderer.charge(text.count)
            return .text(try renderer.stripped(text, given[0]))
        },
        "replace": Filter(["old", "new", "count"], required: 2) { renderer, value, given throws(TemplateError) in
            let old = try renderer.printed(given[0] ?? .null).plain()
            let new = try renderer.printed(given[1] ?? .null).plain()
            let count: Int? = try given[2].flatMap { $0.isNone ? nil : $0 }?.argument("count")
            return .text(try renderer.replaced(renderer.printed(value).plain(), old, new, count: count))
        },
        "center": Filter(["width"]) { renderer, value, given throws(TemplateError) in
            let width: Int = try given[0]?.argument("width") ?? 80
            return .text(try renderer.centered(renderer.printed(value), width: width))
        },
        "format": Filter(any: { renderer, value, arguments throws(TemplateError) in
            guard arguments.positional.isEmpty || arguments.named.isEmpty else {
                throw TemplateError(.evaluation, "can't handle positional and keyword arguments at the same time")
            }
            var values = Value.tuple(ValueList(arguments.positional))
            if !arguments.named.isEmpty {
                values = .dictionary(try ValueDictionary(arguments.named.map { (.text($0.name), $0.value) }))
            }
            return .text(try renderer.percentFormat(renderer.printed(value), values))
        }),
        "indent": Filter(["width", "first", "blank"]) { renderer, value, given throws(TemplateError) in
            let text: TracedText = try value.argument("the value of 'indent'")
            var width = TracedText()
            if case .text(let given)? = given[0] {
                width = given
            } else {
                let count: Int = try given[0]?.argument("width") ?? 4
                try renderer.expect(size: count)
                width.append(repeating: " ", count: count)
            }
            return .text(
                try renderer.indented(
                    text, by: width, first: given[1]?.isTrue ?? false, blank: given[2]?.isTrue ?? false))
        },
        "truncate": Filter(["length", "killwords", "end", "leeway"]) { renderer, value, given throws(TemplateError) in
            let length: Int = try given[0]?.argument("length") ?? 255
            let end: TracedText = try given[2]?.argument("end") ?? TracedText("...")
            let leeway: Int = try given[3].flatMap { $0.isNone ? nil : $0 }?.argument("leeway") ?? 5
            guard length >= end.count, leeway >= 0 else {
                throw TemplateError(.evaluation, "expected length >= \(end.count) and leeway >= 0")
            }
            // A value that is short enough is returned as it is, of whatever kind.
            if try renderer.length(of: value) <= length.addingSaturating(leeway) { return value }
            let text: TracedText = try value.argument("the value of 'truncate'")
            let head = text[0..<length - end.count]
            if given[1]?.isTrue ?? false { return .text(try renderer.added(head, end)) }
            let space = head.scalars.lastIndex(of: " ") ?? head.count
            return .text(try renderer.added(head[0..<space], end))
        },
        "wordcount": Filter { renderer, value, _ throws(TemplateError) in
            let text = try renderer.printed(value)
            try renderer.charge(text.count)
            var (words, isInWord) = (0, false)
            for scalar in text.scalars {
                if scalar.isWord, !isInWord { words += 1 }
                isInWord = scalar.isWord
            }
            return .integer(words)
        },
        "urlencode": Filter { renderer, value, _ throws(TemplateError) in .text(try renderer.urlEncoded(value)) },
        "tojson": Filter(["ensure_ascii", "indent", "separators", "sort_keys"]) {
            renderer, value, given throws(TemplateError) in
            .text(try renderer.json(value, given))
        },
    ]
}

extension Renderer {
    /// A text as markup: one that is not gets entities for the characters that mean something in HTML.
    func escaped(_ text: TracedText) throws(TemplateError) -> TracedText {
        if text.isMarkup { return text }
        try expect(size: text.count)
        try charge(text.count * 4)
        var result = text.mapped { scalar, _ in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "'": "&#39;"
            case "\"": "&#34;"
            default: String(scalar)
            }
        }
        try expect(size: result.count)
        result.isMarkup = true
        return result
    }

    fileprivate func indented(
        _ text: TracedText, by indent: TracedText, first: Bool, blank: Bool
    ) throws(TemplateError) -> TracedText {
        try charge(text.count)
        var whole = text
        whole.append("\n")
        let lines = whole.lines()
        let (growth, overflow) = lines.count.multipliedReportingOverflow(by: indent.count + 1)
        try expect(size: overflow ? .max : growth.addingSaturating(text.count))
        var result = TracedText()
        result.isMarkup = text.isMarkup
        if first { result.append(indent) }
        for (index, line) in lines.enumerated() {
            if index > 0 {
                result.append("\n")
                if blank || !line.isEmpty { result.append(indent) }
            }
            result.append(line)
        }
        return result
    }

    fileprivate func json(_ value: Value, _ given: [Value?]) throws(TemplateError) -> TracedText {
        try charge(value.size * 4)
        var writer = ValueJSONWriter(longest: limits.valueSize)
        writer.escapesNonASCII = given[0]?.isTrue ?? false
        writer.sortsKeys = given[3]?.isTrue ?? false
        if let indent = given[1], !indent.isNone {
            var spaces = TracedText()
            if case .text(let text) = indent {
                spaces = text.plain()
            } else {
                let count: Int = try indent.argument("indent")
                try expect(size: max(0, count))
                spaces.append(repeating: " ", count: count)
            }
            writer.indent = spaces
            writer.itemSeparator = TracedText(",")
        }
        if let separators = given[2], !separators.isNone {
            let both = try elements(of: separators)
            guard both.count == 2 else { throw TemplateError(.evaluation, "separators must be a pair") }
            writer.itemSeparator = try both[0].argument("a separator").plain()
            writer.keySeparator = try both[1].argument("a separator").plain()
        }
        try writer.write(value)
        try charge(writer.text.count * 4)
        return writer.text
    }

    // MARK: URLs

    fileprivate func urlEncoded(_ value: Value) throws(TemplateError) -> TracedText {
        var pairs: [Value] = []
        switch value {
        case .dictionary(let dictionary): pairs = DictionaryView(kind: .items, dictionary: dictionary).elements
        case .list, .tuple, .group, .view, .iterator, .range: pairs = try elements(of: value)
        default: return try percentEncoded(printed(value), allowsSlash: true)
        }
        var result = TracedText()
        for (index, pair) in pairs.enumerated() {
            let both = try elements(of: pair)
            guard both.count == 2 else { throw TemplateError(.evaluation, "'urlencode' needs pairs") }
            if index > 0 { result.append("&") }
            result.append(try percentEncoded(printed(both[0]), allowsSlash: false))
            result.append("=")
            result.append(try percentEncoded(printed(both[1]), allowsSlash: false))
            try expect(size: result.count)
        }
        return result
    }

    private func percentEncoded(_ text: TracedText, allowsSlash: Bool) throws(TemplateError) -> TracedText {
        try expect(size: text.count * 3)
        try charge(text.count * 4)
        return text.plain().mapped { scalar, _ in
            if scalar.isASCII, scalar.digit != nil || "_.-~".unicodeScalars.contains(scalar) { return String(scalar) }
            if scalar == "/", allowsSlash { return "/" }
            if scalar == " ", !allowsSlash { return "+" }
            return String(scalar).utf8.map { byte in
                "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }.joined()
        }
    }
}
