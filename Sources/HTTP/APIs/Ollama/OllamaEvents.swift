import PenstockJSON
import PenstockPipelines

/// The lines of an answer of Ollama that is streamed. A call of a tool is told when it is whole.
struct OllamaEvents: GenerationEvents {
    static let mediaType = "application/x-ndjson"

    private let line: OllamaLine
    private var parser: ToolCallParser?
    private var pending: ToolCall?
    private var toldCalls = 0
    private var end: FinishReason?

    /// - Parameter parser: what finds calls of tools; nil if there are none
    init(_ line: OllamaLine, _ parser: ToolCallParser?) { (self.line, self.parser) = (line, parser) }

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        end = piece.end ?? end
        guard var parser else { return tell(piece.text, &bytes) }
        for part in parser.append(piece.text) + (piece.end == nil ? [] : parser.finish()) {
            switch part {
            case .text(let words):
                tellCall(&bytes)
                tell(words, &bytes)
            case .call(_, let name):
                tellCall(&bytes)
                pending = ToolCall(name: name, arguments: "")
            case .arguments(_, let text): pending?.arguments += text
            }
        }
        self.parser = parser
        if piece.end != nil { tellCall(&bytes) }
    }

    private func tell(_ words: String, _ bytes: inout StreamBytes) {
        guard !words.isEmpty else { return }
        var writer = JSONWriter()
        line.write(words, into: &writer)
        bytes.add(line: writer.finish())
    }

    private mutating func tellCall(_ bytes: inout StreamBytes) {
        guard let call = pending else { return }
        pending = nil
        var writer = JSONWriter()
        line.write("", [call], from: toldCalls, into: &writer)
        toldCalls += 1
        bytes.add(line: writer.finish())
    }

    mutating func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes) {
        var writer = JSONWriter()
        line.write("", end: (end, summary), into: &writer)
        bytes.add(line: writer.finish())
    }

    mutating func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes) {
        bytes.add(line: error.told(in: .plain).json)
    }
}
