import PenstockPipelines

/// Tells apart what an answer to a chat is made of: thoughts, words, and calls of tools.
///
/// There is one for each text. Without marks of thoughts and without a finder of calls all is words.
struct AnswerParser: Sendable {
    /// A part of an answer that is streamed.
    enum Piece: Sendable {
        case thought(String)
        case text(String)
        /// The name of the tool of a call, which has a number.
        case call(Int, name: String)
        /// A part of the arguments of a call.
        case arguments(Int, String)
    }

    /// The parts of a whole answer.
    struct Parts: Sendable {
        var thoughts = ""
        var words = ""
        var calls: [ToolCall] = []
        /// Tokens of the thoughts and of their marks.
        var thoughtTokens = 0
    }

    private var thoughts: ThoughtParser?
    private var tools: ToolCallParser?

    /// - Parameters:
    ///   - thoughts: the marks of thoughts; nil if there are none
    ///   - tools: what finds calls of tools; nil if there are none
    init(_ thoughts: ThoughtFormat?, _ tools: ToolCallParser?, _ head: GenerationHead) {
        self.thoughts = thoughts.map { ThoughtParser($0, isOpen: head.opensThought) }
        self.tools = tools
    }

    /// Tokens of the thoughts so far.
    var thoughtTokens: Int { thoughts?.tokens ?? 0 }
    /// True if a call was found.
    var hasCalls: Bool { tools?.calls ?? 0 > 0 }

    /// Returns what is certain with a piece of the answer.
    mutating func append(_ piece: TextGeneration.Piece) -> [Piece] {
        let read = piece.token == nil ? thoughts?.append(piece.text) : thoughts?.append(token: piece.text)
        var pieces = tell(read ?? [.text(piece.text)])
        guard piece.end != nil else { return pieces }
        let rest = thoughts?.finish() ?? []
        pieces += tell(rest)
        return pieces + (tools?.finish() ?? []).map(Piece.init)
    }

    /// The parts of an answer that is told as a whole.
    func parts(of text: TextGeneration.Generation?) -> Parts {
        var parts = Parts()
        parts.words = text?.text ?? ""
        if let thoughts {
            var counter = thoughts
            for token in text?.tokens ?? [] { _ = counter.append(token: token.text) }
            parts.thoughtTokens = counter.tokens
            (parts.thoughts, parts.words) = ThoughtParser.parse(parts.words, by: thoughts)
        }
        if let tools { (parts.words, parts.calls) = ToolCallParser.parse(parts.words, by: tools) }
        return parts
    }

    private mutating func tell(_ parts: [ThoughtParser.Piece]) -> [Piece] {
        var pieces: [Piece] = []
        for part in parts {
            switch part {
            case .thought(let words): pieces.append(.thought(words))
            case .text(let words):
                guard !words.isEmpty else { continue }
                pieces += tools?.append(words).map(Piece.init) ?? [.text(words)]
            }
        }
        return pieces
    }
}

extension AnswerParser.Piece {
    fileprivate init(_ piece: ToolCallParser.Piece) {
        self =
            switch piece {
            case .text(let words): .text(words)
            case .call(let number, let name): .call(number, name: name)
            case .arguments(let number, let part): .arguments(number, part)
            }
    }
}
