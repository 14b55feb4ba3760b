/// Finds where a text begins behind the thought that may stand in front of it, while tokens come.
package struct ThoughtProgress: Sendable {
    let marks: ThoughtMarks
    /// Tokens in front of the text; nil before the first token, and while a thought goes on.
    private var start: Int?
    /// Tokens in which the end of the thought was looked for.
    private var searched = 0

    package init(_ marks: ThoughtMarks) { self.marks = marks }

    /// The tokens of the text; nil while the thought goes on.
    ///
    /// - Parameter generated: those of the text and of the thought
    package mutating func text(in generated: ArraySlice<Int32>) -> ArraySlice<Int32>? {
        if start == nil, let opener = marks.opener {
            guard let first = generated.first else { return generated }
            if first != opener { start = 0 }
        }
        if start == nil, let end = generated.dropFirst(searched).firstIndex(of: marks.closer) {
            start = end + 1 - generated.startIndex
        }
        searched = generated.count
        return start.map { generated.dropFirst($0) }
    }
}
