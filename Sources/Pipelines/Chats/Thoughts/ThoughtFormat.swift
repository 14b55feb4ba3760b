/// The marks around what a model writes before its answer to think about it.
package struct ThoughtFormat: Sendable, Equatable {
    package let opener: String
    package let closer: String
    /// True if the marks are special tokens, which texts have only if these are not left out.
    package let marksAreSpecial: Bool

    private static let known = [
        ThoughtFormat(opener: "<think>", closer: "</think>", marksAreSpecial: false),
        ThoughtFormat(opener: "[THINK]", closer: "[/THINK]", marksAreSpecial: true),
    ]

    private init(opener: String, closer: String, marksAreSpecial: Bool) {
        (self.opener, self.closer, self.marksAreSpecial) = (opener, closer, marksAreSpecial)
    }

    /// Tells whether a text begins with a thought, and does not end it.
    func isOpen(in text: String) -> Bool {
        let words = text.drop(while: \.isWhitespace)
        return words.hasPrefix(opener) && !words.contains(closer)
    }

    /// The marks of a family, by what its chat template says; nil if that knows no thoughts.
    ///
    /// - Parameter literals: the words of the template
    package init?(literals: [String]) {
        let found = Self.known.first { format in
            literals.contains { $0.contains(format.opener) || $0.contains(format.closer) }
        }
        guard let found else { return nil }
        self = found
    }
}
