/// A statement of a text with a label: a text with `{}`, or with `{0}` as often as need be, where the label goes.
///
/// Of Python's format strings these are the ones that make sense of one argument; braces of the text are doubled.
struct HypothesisTemplate: Sendable {
    /// The texts around the labels: one more than there are places for them.
    private let pieces: [String]

    /// Nil for a template that has no place for the label, or other fields.
    init?(_ text: String) {
        var pieces: [String.UnicodeScalarView] = [.init()]
        var automatic = 0
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "{" where scalars.first == "{", "}" where scalars.first == "}":
                scalars.removeFirst()
                pieces[pieces.count - 1].append(scalar)
            case "{":
                guard let end = scalars.firstIndex(of: "}") else { return nil }
                switch String(String.UnicodeScalarView(scalars[..<end])) {
                case "": automatic += 1
                case "0": break
                default: return nil
                }
                scalars = scalars[(end + 1)...]
                pieces.append(.init())
            case "}": return nil
            default: pieces[pieces.count - 1].append(scalar)
            }
        }
        let places = pieces.count - 1
        // Python counts each {} up, and does not mix them with numbers.
        guard automatic == 0 ? places > 0 : places == 1 else { return nil }
        self.pieces = pieces.map { String($0) }
    }

    /// The bytes of the hypothesis for a label.
    func bytes(of label: String) -> Int {
        let own = pieces.reduce(0) { $0 + $1.utf8.count }
        return AnswerSize.sum(own, AnswerSize.product(label.utf8.count, pieces.count - 1))
    }

    /// The hypothesis for a label.
    func hypothesis(of label: String) -> String { pieces.joined(separator: label) }
}
