import PenstockJSON
import PenstockPipelines

/// The lines of an answer of Ollama that is streamed. A call of a tool is told when it is whole.
struct OllamaEvents: GenerationEvents {
    static let mediaType = "application/x-ndjson"

    private let line: OllamaLine
    private let tellsTokens: Bool
    private var parser: AnswerParser
    private var pending: ToolCall?
    private var toldCalls = 0
    /// Tokens that no line has told yet.
    private var tokens: [TextGeneration.Generation.Token] = []
    private var end: FinishReason?

    /// - Parameter tellsTokens: whether probabilities are told
    init(_ line: OllamaLine, _ parser: AnswerParser, tellsTokens: Bool) {
        (self.line, self.parser, self.tellsTokens) = (line, parser, tellsTokens)
    }

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        end = piece.end ?? end
        if tellsTokens, let token = piece.token { tokens.append(token) }
        for part in parser.append(piece) {
            switch part {
            case .thought(let words): tell(OllamaPart(thoughts: words), &bytes)
            case .text(let words):
                tellCall(&bytes)
                tell(OllamaPart(words: words), &bytes)
            case .call(_, let name):
                tellCall(&bytes)
                pending = ToolCall(name: name, arguments: "")
            case .arguments(_, let text): pending?.arguments += text
            }
        }
        if piece.end != nil { tellCall(&bytes) }
    }

    private mutating func tellCall(_ bytes: inout StreamBytes) {
        guard let call = pending else { return }
        pending = nil
        tell(OllamaPart(calls: [call], firstCall: toldCalls), &bytes)
        toldCalls += 1
    }

    /// Tells a part, and the tokens that were not told yet.
    private mutating func tell(
        _ part: OllamaPart, end: (reason: FinishReason?, summary: GenerationSummary)? = nil, _ bytes: inout StreamBytes
    ) {
        var part = part
        part.tokens = tokens
        tokens = []
        var writer = JSONWriter()
        line.write(part, end: end, into: &writer)
        bytes.add(line: writer.finish())
    }

    mutating func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes) {
        tell(OllamaPart(), end: (end, summary), &bytes)
    }

    mutating func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes) {
        bytes.add(line: error.told(in: .plain).json)
    }
}
