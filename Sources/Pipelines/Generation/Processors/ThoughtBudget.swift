/// The most tokens that a model thinks with before it answers: behind them the mark that ends a thought is what follows.
package struct ThoughtBudget: Sendable, Equatable {
    let tokens: Int
    let marks: ThoughtMarks

    package init(tokens: Int, _ marks: ThoughtMarks) { (self.tokens, self.marks) = (tokens, marks) }

    /// Tokens of white space that may stand in front of the first mark.
    private static let mostInFront = 4

    /// Tells whether a thought has all the tokens that it may have, and has not ended.
    func isUsedUp(after generated: ArraySlice<Int32>) -> Bool {
        guard generated.count >= tokens else { return false }
        var thought = generated
        if let opener = marks.opener {
            guard let mark = generated.prefix(Self.mostInFront + 1).firstIndex(of: opener) else { return false }
            thought = generated[(mark + 1)...]
        }
        return thought.count == tokens && !thought.contains(marks.closer)
    }
}
