/// A piece of a template's source that has a meaning of its own.
struct Token {
    /// The kinds of tokens.
    enum Kind {
        /// Text outside of all tags.
        case data(TracedText)
        /// `{{`
        case variableBegin
        /// `}}`
        case variableEnd
        /// `{%`
        case blockBegin
        /// `%}`
        case blockEnd
        /// A name or a keyword.
        case name(String)
        /// A string literal, its escapes resolved.
        case string(TracedText)
        /// An integer literal.
        case integer(Int)
        /// A literal with a fraction or an exponent.
        case double(Double)
        /// An operator or a bracket.
        case symbol(Symbol)
        /// The end of the source.
        case end
    }

    /// Operators and brackets of expressions, the longer ones first.
    enum Symbol: String, CaseIterable {
        case floorDivide = "//"
        case power = "**"
        case equal = "=="
        case notEqual = "!="
        case greaterEqual = ">="
        case lessEqual = "<="
        case add = "+"
        case subtract = "-"
        case divide = "/"
        case multiply = "*"
        case remainder = "%"
        case concatenate = "~"
        case openBracket = "["
        case closeBracket = "]"
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBrace = "{"
        case closeBrace = "}"
        case greater = ">"
        case less = "<"
        case assign = "="
        case dot = "."
        case colon = ":"
        case pipe = "|"
        case comma = ","
        case semicolon = ";"

        /// The bracket that ends what this one begins.
        var closing: Symbol? {
            switch self {
            case .openBracket: .closeBracket
            case .openParenthesis: .closeParenthesis
            case .openBrace: .closeBrace
            default: nil
            }
        }
    }

    let kind: Kind
    let position: TemplatePosition

    /// The token in the words of an error message.
    var description: String {
        switch kind {
        case .data: "text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .double: "a number"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}
