extension Renderer {
    /// Calls a method of a text. Texts that a method of markup is given are escaped first.
    func call(
        _ method: TextMethod, of text: TracedText, _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        if method == .format { return .text(try braceFormat(text, arguments)) }
        let (most, least) = method.parameters
        let names =
            method.namedParameters
            + (method.namedParameters.count..<max(most, method.namedParameters.count))
            .map { "\($0 + 1)" }
        var given = try arguments.bound(method.rawValue, names, required: least)
        if method == .formatMap { return .text(try braceFormat(text, named: given[0] ?? .null)) }
        if text.isMarkup {
            for index in given.indices {
                if case .text(let argument)? = given[index] { given[index] = .text(try escaped(argument)) }
            }
        }
        try charge(text.count)
        if let value = try changed(text, method, given) { return value }
        if let value = try parts(text, method, given) { return value }
        if let value = try places(text, method, given) { return value }
        return .bool(kind(text, method))
    }

    private func kind(_ text: TracedText, _ method: TextMethod) -> Bool {
        switch method {
        case .isalnum: text.all(\.isPythonAlphanumeric)
        case .isalpha: text.all(\.isPythonAlpha)
        case .isascii: text.scalars.allSatisfy(\.isASCII)
        case .isdecimal: text.all(\.isPythonDecimal)
        case .isdigit: text.all(\.isPythonDigit)
        case .isidentifier: text.isIdentifier
        case .islower: text.isCased(upper: false)
        case .isnumeric: text.all(\.isPythonNumeric)
        case .isprintable: text.scalars.allSatisfy(\.isPythonPrintable)
        case .isspace: text.all(\.isPythonSpace)
        case .istitle: text.isTitlecased
        default: text.isCased(upper: true)
        }
    }

    // MARK: Changed texts

    private func changed(
        _ text: TracedText, _ method: TextMethod, _ given: [Value?]
    ) throws(TemplateError) -> Value? {
        switch method {
        case .capitalize, .lower, .swapcase, .title, .upper: try charge(text.count * 4)
        default: break
        }
        switch method {
        case .capitalize: return try self.text(text.capitalized())
        case .lower: return try self.text(text.lowercased())
        case .swapcase: return try self.text(text.swappedCase())
        case .title: return try self.text(text.titlecased())
        case .upper: return try self.text(text.uppercased())
        case .strip: return .text(try stripped(text, given[0]))
        case .lstrip: return .text(try stripped(text, given[0], atEnd: false))
        case .rstrip: return .text(try stripped(text, given[0], atStart: false))
        case .replace:
            let (old, new): (TracedText, TracedText) = (
                try (given[0] ?? .null).argument("old"), try (given[1] ?? .null).argument("new")
            )
            return .text(try replaced(text, old, new, count: try given[2]?.argument("count")))
        case .removeprefix, .removesuffix:
            let part: TracedText = try (given[0] ?? .null).argument("the argument of \(method.rawValue)")
            let isPrefix = method == .removeprefix
            let hasPart = isPrefix ? text.hasPrefix(part, in: 0..<text.count) : text.hasSuffix(part, in: 0..<text.count)
            guard hasPart, !part.isEmpty else { return .text(text) }
            return .text(text[isPrefix ? part.count..<text.count : 0..<text.count - part.count])
        case .center, .ljust, .rjust:
            let fill: TracedText = try given[1]?.argument("fillchar") ?? TracedText(" ")
            guard fill.count == 1 else {
                throw TemplateError(.evaluation, "the fill character must be exactly one character long")
            }
            let width: Int = try (given[0] ?? .null).argument("width")
            return .text(try padded(text, method, to: width, fill))
        case .zfill: return .text(try zeroFilled(text, to: try (given[0] ?? .null).argument("width")))
        case .expandtabs: return .text(try expandedTabs(text, size: try given[0]?.argument("tabsize") ?? 8))
        case .join: return .text(try joined(elements(of: given[0] ?? .null), separator: text))
        default: return nil
        }
    }

    func stripped(
        _ text: TracedText, _ characters: Value?, atStart: Bool = true, atEnd: Bool = true
    ) throws(TemplateError) -> TracedText {
        guard let characters, !characters.isNone else {
            return text[text.trimmedRange(\.isPythonSpace, atStart: atStart, atEnd: atEnd)]
        }
        let dropped: TracedText = try characters.argument("chars")
        try charge(dropped.count)
        let set = Set(dropped.scalars)
        return text[text.trimmedRange(set.contains, atStart: atStart, atEnd: atEnd)]
    }

    func replaced(
        _ text: TracedText, _ old: TracedText, _ new: TracedText, count: Int?
    ) throws(TemplateError) -> TracedText {
        let limit = count.map { $0 < 0 ? Int.max : $0 } ?? .max
        try charge(text.count + old.count)
        let ranges = text.ranges(of: old, limit: limit)
        let (growth, overflow) = ranges.count.multipliedReportingOverflow(by: new.count)
        try expect(size: overflow ? .max : text.count.addingSaturating(growth))
        return text.replacing(ranges, with: new)
    }

    private func padded(
        _ text: TracedText, _ method: TextMethod, to width: Int, _ fill: TracedText
    ) throws(TemplateError) -> TracedText {
        let missing = width.subtractingReportingOverflow(text.count)
        guard !missing.overflow, missing.partialValue > 0 else { return text }
        let count = missing.partialValue
        try expect(size: width)
        let left =
            switch method {
            case .ljust: 0
            case .rjust: count
            // As CPython: the left side gets the odd space if the width is odd.
            default: count / 2 + (count & width & 1)
            }
        var result = TracedText()
        result.isMarkup = text.isMarkup
        for _ in 0..<left { result.append(fill) }
        result.append(text)
        for _ in 0..<count - left { result.append(fill) }
        return result
    }

    func centered(_ text: TracedText, width: Int) throws(TemplateError) -> TracedText {
        try padded(text, .center, to: width, TracedText(" "))
    }

    private func zeroFilled(_ text: TracedText, to width: Int) throws(TemplateError) -> TracedText {
        let missing = width.subtractingReportingOverflow(text.count)
        guard !missing.overflow, missing.partialValue > 0 else { return text }
        try expect(size: width)
        let signs = text.scalars.first == "+" || text.scalars.first == "-" ? 1 : 0
        var result = text[0..<signs]
        result.append(repeating: "0", count: missing.partialValue)
        result.append(text, signs..<text.count)
        return result
    }

    private func expandedTabs(_ text: TracedText, size: Int) throws(TemplateError) -> TracedText {
        var result = TracedText()
        result.isMarkup = text.isMarkup
        var column = 0
        for (range, isTrusted) in text.parts {
            for scalar in text.scalars[range] {
                if scalar == "\t" {
                    let spaces = size > 0 ? size - column % size : 0
                    try expect(size: spaces.addingSaturating(result.count))
                    result.append(repeating: " ", count: spaces)
                    column += spaces
                } else {
                    result.append(scalar, isTrusted: isTrusted)
                    column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
                }
            }
        }
        return result
    }

    private func joined(_ elements: [Value], separator: TracedText) throws(TemplateError) -> TracedText {
        var result = TracedText()
        result.isMarkup = separator.isMarkup
        for (index, element) in elements.enumerated() {
            var part: TracedText
            if separator.isMarkup {
                part = try escaped(printed(element))
            } else if case .text(let text) = element {
                part = text
            } else {
                throw TemplateError(
                    .evaluation, "sequence item \(index): expected str instance, \(element.typeName) found")
            }
            try expect(size: result.count + part.count + separator.count)
            if index > 0 { result.append(separator) }
            result.append(part)
        }
        return result
    }
}
