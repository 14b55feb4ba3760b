import PenstockGrammars
import PenstockJSON
import Testing

/// A grammar, texts that are of its form, and some that are not.
struct GrammarCase: Sendable, CustomStringConvertible {
    let form: String
    let accepted: [String]
    let refused: [String]

    init(_ form: String, _ accepted: [String], not refused: [String]) {
        (self.form, self.accepted, self.refused) = (form, accepted, refused)
    }

    var description: String { form }

    func check(_ grammar: Grammar) throws {
        for text in accepted {
            #expect(try grammar.accepts(text.utf8), "\(form) has to accept \(text)")
            // Each beginning of it can be gone on with.
            for count in 0..<text.utf8.count { #expect(try grammar.beginsTexts(text.utf8.prefix(count))) }
        }
        for text in refused { #expect(try !grammar.accepts(text.utf8), "\(form) has to refuse \(text)") }
    }
}

extension Grammar {
    /// The grammar of a schema that is written as JSON.
    static func schema(_ text: String) throws -> Grammar { try .schema(JSONValue(parsing: text.utf8)) }
}
