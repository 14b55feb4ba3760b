/// Cuts the source of a template into tokens, by the rules of Jinja with `trim_blocks` and `lstrip_blocks`.
///
/// The first newline behind a block or a comment is dropped, as is blank space between the beginning of a line and a
/// block or a comment; `-` at either end of a tag drops all blank space on its side, and `+` keeps it.
struct TemplateLexer {
    let source: [Unicode.Scalar]
    var offset = 0
    private(set) var tokens: [Token] = []
    private var line = 1
    private var lineStart = 0
    private var counted = 0

    private init(_ source: [Unicode.Scalar]) { self.source = source }

    /// The tokens of a source, the last of which is its end.
    static func tokens(of text: String) throws(TemplateError) -> [Token] {
        var lexer = TemplateLexer(normalized(text))
        while lexer.offset < lexer.source.count { try lexer.readTextAndTag() }
        lexer.add(.end, at: lexer.source.count)
        return lexer.tokens
    }

    /// The scalars of a source with plain newlines, without the last one.
    private static func normalized(_ text: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar == "\n", scalars.last == "\r" {
                scalars[scalars.count - 1] = "\n"
            } else {
                if scalars.last == "\r" { scalars[scalars.count - 1] = "\n" }
                scalars.append(scalar)
            }
        }
        if scalars.last == "\r" || scalars.last == "\n" { scalars.removeLast() }
        return scalars
    }

    // MARK: Text and tags

    private enum Tag { case variable, block, comment, raw(end: Int, dropsSpace: Bool) }

    private mutating func readTextAndTag() throws(TemplateError) {
        let textStart = offset
        let isLineStart = offset == 0 || source[offset - 1] == "\n"
        var start = offset
        while start < source.count, !(source[start] == "{" && "%{#".unicodeScalars.contains(scalar(start + 1) ?? " ")) {
            start += 1
        }
        guard start < source.count else {
            addText(textStart..<start)
            offset = start
            return
        }
        let sign = scalar(start + 2).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
        let tag: Tag =
            switch source[start + 1] {
            case "{": .variable
            case "#": .comment
            default: rawTag(start + 2 + (sign == nil ? 0 : 1)) ?? .block
            }
        var isVariable = false
        if case .variable = tag { isVariable = true }
        addText(stripped(textStart..<start, sign, isLineStart: isLineStart, isVariable: isVariable))
        offset = start + 2 + (sign == nil ? 0 : 1)
        switch tag {
        case .comment: try skipComment(from: start)
        case .raw(let end, let dropsSpace):
            offset = end
            if dropsSpace { skipSpace() }
            try readRawText(from: start)
        case .variable:
            add(.variableBegin, at: start)
            try readExpressionTokens(untilVariableEnd: true)
        case .block:
            add(.blockBegin, at: start)
            try readExpressionTokens(untilVariableEnd: false)
        }
    }

    /// A text in front of a tag without the blank space that the tag drops.
    private func stripped(
        _ text: Range<Int>, _ sign: Unicode.Scalar?, isLineStart: Bool, isVariable: Bool
    ) -> Range<Int> {
        var end = text.upperBound
        while end > text.lowerBound, source[end - 1].isPythonSpace, sign == "-" || source[end - 1] != "\n" { end -= 1 }
        if sign == "-" { return text.lowerBound..<end }
        guard sign != "+", !isVariable else { return text }
        let isBehindNewline = end > text.lowerBound ? source[end - 1] == "\n" : isLineStart
        return isBehindNewline ? text.lowerBound..<end : text
    }

    private mutating func skipComment(from start: Int) throws(TemplateError) {
        let body = offset
        while offset < source.count, !(source[offset] == "#" && scalar(offset + 1) == "}") { offset += 1 }
        guard offset < source.count else { throw error("the comment does not end", at: start) }
        let sign = offset > body ? source[offset - 1] : " "
        offset += 2
        skipBehindTag(sign)
    }

    /// Drops what a tag that ends with a block's end drops behind itself.
    private mutating func skipBehindTag(_ sign: Unicode.Scalar) {
        if sign == "-" { skipSpace() } else if sign != "+", scalar(offset) == "\n" { offset += 1 }
    }

    /// The tag `raw` whose name may begin at an offset.
    private func rawTag(_ offset: Int) -> Tag? {
        var end = offset
        guard skipWord("raw", &end) else { return nil }
        let dropsSpace = scalar(end) == "-"
        if dropsSpace { end += 1 }
        guard scalar(end) == "%", scalar(end + 1) == "}" else { return nil }
        return .raw(end: end + 2, dropsSpace: dropsSpace)
    }

    private mutating func readRawText(from start: Int) throws(TemplateError) {
        let textStart = offset
        let isLineStart = source[offset - 1] == "\n"
        while offset < source.count {
            var end = offset + 2
            guard source[offset] == "{", scalar(offset + 1) == "%" else {
                offset += 1
                continue
            }
            let sign = scalar(end).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
            if sign != nil { end += 1 }
            if skipWord("endraw", &end) {
                let endSign = scalar(end).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
                if endSign != nil { end += 1 }
                if scalar(end) == "%", scalar(end + 1) == "}" {
                    addText(stripped(textStart..<offset, sign, isLineStart: isLineStart, isVariable: false))
                    offset = end + 2
                    skipBehindTag(endSign ?? " ")
                    return
                }
            }
            offset += 1
        }
        throw error("the raw text does not end", at: start)
    }

    /// Steps over a word with blank space around it. Returns false if it is not there.
    private func skipWord(_ word: String, _ offset: inout Int) -> Bool {
        while scalar(offset)?.isPythonSpace == true { offset += 1 }
        for letter in word.unicodeScalars {
            guard scalar(offset) == letter else { return false }
            offset += 1
        }
        while scalar(offset)?.isPythonSpace == true { offset += 1 }
        return true
    }

    // MARK: Expressions

    private mutating func readExpressionTokens(untilVariableEnd: Bool) throws(TemplateError) {
        var open: [Token.Symbol] = []
        while offset < source.count {
            if open.isEmpty, readTagEnd(isVariable: untilVariableEnd) { return }
            let next = source[offset]
            if next.isPythonSpace {
                offset += 1
            } else if next.isASCIIDigit {
                try readNumber()
            } else if next.isWord {
                try readName()
            } else if next == "'" || next == "\"" {
                try readString()
            } else {
                try readSymbol(&open)
            }
        }
    }

    private mutating func readTagEnd(isVariable: Bool) -> Bool {
        let sign = source[offset]
        let isSigned = sign == "-" || (sign == "+" && !isVariable)
        let end = offset + (isSigned ? 1 : 0)
        guard scalar(end) == (isVariable ? "}" : "%"), scalar(end + 1) == "}" else { return false }
        add(isVariable ? .variableEnd : .blockEnd, at: offset)
        offset = end + 2
        if isVariable {
            if isSigned { skipSpace() }
        } else {
            skipBehindTag(isSigned ? sign : " ")
        }
        return true
    }

    private mutating func readName() throws(TemplateError) {
        let start = offset
        while scalar(offset)?.isWord == true { offset += 1 }
        add(.name(string(start..<offset)), at: start)
    }

    private mutating func readSymbol(_ open: inout [Token.Symbol]) throws(TemplateError) {
        let rest = source[offset...].prefix(2)
        let symbol = Token.Symbol.allCases.first { rest.starts(with: $0.rawValue.unicodeScalars) }
        guard let symbol else { throw error("unexpected character '\(source[offset])'", at: offset) }
        if let closing = symbol.closing {
            open.append(closing)
        } else if [.closeBracket, .closeParenthesis, .closeBrace].contains(symbol) {
            guard let expected = open.popLast() else { throw error("unexpected '\(symbol.rawValue)'", at: offset) }
            guard symbol == expected else {
                throw error("unexpected '\(symbol.rawValue)', expected '\(expected.rawValue)'", at: offset)
            }
        }
        add(.symbol(symbol), at: offset)
        offset += symbol.rawValue.unicodeScalars.count
    }

    // MARK: Places

    func scalar(_ offset: Int) -> Unicode.Scalar? { offset < source.count ? source[offset] : nil }

    func string(_ range: Range<Int>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: source[range])
        return text
    }

    private mutating func skipSpace() {
        while scalar(offset)?.isPythonSpace == true { offset += 1 }
    }

    mutating func add(_ kind: Token.Kind, at offset: Int) {
        tokens.append(Token(kind: kind, position: position(offset)))
    }

    private mutating func addText(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        add(.data(TracedText(Array(source[range]))), at: range.lowerBound)
    }

    mutating func error(_ message: String, at offset: Int) -> TemplateError {
        TemplateError(.syntax, message, at: position(offset))
    }

    /// The place of an offset. Offsets that follow each other take time linear in the source.
    private mutating func position(_ offset: Int) -> TemplatePosition {
        if offset < counted { (line, lineStart, counted) = (1, 0, 0) }
        while counted < offset {
            if source[counted] == "\n" { (line, lineStart) = (line + 1, counted + 1) }
            counted += 1
        }
        return TemplatePosition(line: line, column: offset - lineStart + 1)
    }
}
