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

    func check(_ texts: FormTexts) throws {
        for text in accepted {
            #expect(try texts.accept(text.utf8), "\(form) has to accept \(text)")
            // Each beginning of it can be gone on with.
            for count in 0..<text.utf8.count { #expect(try texts.begin(with: text.utf8.prefix(count))) }
        }
        for text in refused { #expect(try !texts.accept(text.utf8), "\(form) has to refuse \(text)") }
    }
}
