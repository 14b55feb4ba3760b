import PenstockGrammars
import PenstockJSON

/// The texts of a grammar, byte by byte.
struct FormTexts: Sendable {
    private let matcher: TokenMatcher
    /// A token for each byte.
    private static let bytes = TokenVocabulary((0...255).map { [UInt8($0)] })

    init(_ grammar: Grammar) { matcher = TokenMatcher(grammar, Self.bytes) }

    /// The texts of a schema that is written as JSON.
    init(schema: String) throws { self.init(try .schema(JSONValue(parsing: schema.utf8))) }

    /// Tells whether a text is of the form.
    func accept(_ text: some Sequence<UInt8>) throws -> Bool { try choices(behind: text)?.mayEnd ?? false }

    /// Tells whether a text is of the form.
    func accept(_ text: String) throws -> Bool { try accept(text.utf8) }

    /// Tells whether some of them begin so.
    func begin(with text: some Sequence<UInt8>) throws -> Bool {
        try choices(behind: text).map { $0.mayEnd || !$0.tokens.isEmpty } ?? false
    }

    /// Tells whether some of them begin so.
    func begin(with text: String) throws -> Bool { try begin(with: text.utf8) }

    private func choices(behind text: some Sequence<UInt8>) throws -> TokenMatcher.Choices? {
        try matcher.choices(at: matcher.position(nil, behind: text.map { Int32($0) }, known: 0))
    }
}
