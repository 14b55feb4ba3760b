import PenstockJSON
import PenstockPipelines

/// The events of an answer to a chat that is streamed: what each adds to a message.
struct ChatEvents: OpenAIEvents {
    private let id = GenerationHead.id("chatcmpl-")
    private let head: GenerationHead
    private let tellsLogprobs: Bool
    let tellsUsage: Bool
    private var texts: [Text]

    /// The state of a text between events.
    private struct Text: Sendable {
        var hasRole = false
        var parser: ToolCallParser?
        /// Tokens that no event has told yet.
        var tokens: [TextGeneration.Generation.Token] = []
    }

    /// - Parameters:
    ///   - texts: how many there are
    ///   - parser: what finds calls of tools in each; nil if there are none
    init(head: GenerationHead, texts: Int, parser: ToolCallParser?, tellsLogprobs: Bool, tellsUsage: Bool) {
        (self.head, self.tellsLogprobs, self.tellsUsage) = (head, tellsLogprobs, tellsUsage)
        self.texts = Array(repeating: Text(parser: parser), count: texts)
    }

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        guard texts.indices.contains(piece.sequence) else { return }
        let index = piece.sequence
        // A role that comes twice would be both of them together.
        if !texts[index].hasRole {
            texts[index].hasRole = true
            event(of: index, &bytes) { delta in
                delta.key("role")
                delta.value("assistant")
                delta.key("content")
                delta.value("")
            }
        }
        if tellsLogprobs, let token = piece.token { texts[index].tokens.append(token) }
        for part in parts(of: piece) { add(part, to: index, &bytes) }
        guard let end = piece.end else { return }
        event(of: index, end: end.openAI(hasCalls: texts[index].parser?.calls ?? 0 > 0), &bytes) { _ in }
    }

    /// The words and calls that are certain with a piece.
    private mutating func parts(of piece: TextGeneration.Piece) -> [ToolCallParser.Piece] {
        guard var parser = texts[piece.sequence].parser else {
            return piece.text.isEmpty ? [] : [.text(piece.text)]
        }
        defer { texts[piece.sequence].parser = parser }
        return parser.append(piece.text) + (piece.end == nil ? [] : parser.finish())
    }

    private mutating func add(_ part: ToolCallParser.Piece, to index: Int, _ bytes: inout StreamBytes) {
        switch part {
        case .text(let words):
            event(of: index, &bytes) { delta in
                delta.key("content")
                delta.value(words)
            }
        case .call(let number, let name):
            call(number, of: index, &bytes) { $0.toolCall(GenerationHead.id("call_"), name, "") }
        case .arguments(let number, let part):
            call(number, of: index, &bytes) { call in
                call.key("function")
                call.object { function in
                    function.key("arguments")
                    function.value(part)
                }
            }
        }
    }

    /// Writes an event that adds to a call of a tool.
    private mutating func call(
        _ number: Int, of index: Int, _ bytes: inout StreamBytes, _ write: (inout JSONWriter) -> Void
    ) {
        event(of: index, &bytes) { delta in
            delta.key("tool_calls")
            delta.array { calls in
                calls.object { call in
                    call.key("index")
                    call.value(number)
                    write(&call)
                }
            }
        }
    }

    /// Writes an event with what `write` adds to a message, and the tokens that were not told yet.
    ///
    /// - Parameter end: the reason that the message ends
    private mutating func event(
        of index: Int, end: String? = nil, _ bytes: inout StreamBytes, _ write: (inout JSONWriter) -> Void
    ) {
        let tokens = texts[index].tokens
        texts[index].tokens = []
        var writer = JSONWriter()
        writer.object { writer in
            writeHead(into: &writer)
            writer.key("choices")
            writer.array { choices in
                choices.object { choice in
                    choice.key("index")
                    choice.value(index)
                    choice.key("delta")
                    choice.object { write(&$0) }
                    choice.key("logprobs")
                    if tokens.isEmpty { choice.null() } else { choice.chatLogprobs(tokens) }
                    choice.key("finish_reason")
                    choice.value(end.map(JSONValue.string) ?? .null)
                }
            }
            guard tellsUsage else { return }
            writer.key("usage")
            writer.null()
        }
        bytes.add(event: writer.finish())
    }

    func writeHead(into writer: inout JSONWriter) { writer.chatHead(id, "chat.completion.chunk", head) }
}
