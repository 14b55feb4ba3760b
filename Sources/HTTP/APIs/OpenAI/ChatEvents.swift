import PenstockJSON
import PenstockPipelines

/// The events of an answer to a chat that is streamed: what each adds to a message.
struct ChatEvents: OpenAIEvents {
    private let id = GenerationHead.id("chatcmpl-")
    private let head: GenerationHead
    private let tellsThoughts: Bool
    private let tellsLogprobs: Bool
    let tellsUsage: Bool
    private var texts: [Text]

    /// The state of a text between events.
    private struct Text: Sendable {
        var hasRole = false
        var parser: AnswerParser
        /// Tokens that no event has told yet.
        var tokens: [TextGeneration.Generation.Token] = []
    }

    /// - Parameters:
    ///   - texts: how many there are
    ///   - parser: what tells the parts of each apart
    ///   - tellsThoughts: whether thoughts are told
    init(
        head: GenerationHead, texts: Int, parser: AnswerParser, tellsThoughts: Bool, tellsLogprobs: Bool,
        tellsUsage: Bool
    ) {
        (self.head, self.tellsThoughts, self.tellsLogprobs) = (head, tellsThoughts, tellsLogprobs)
        self.tellsUsage = tellsUsage
        self.texts = Array(repeating: Text(parser: parser), count: texts)
    }

    var thoughtTokens: Int { texts.reduce(0) { $0 + $1.parser.thoughtTokens } }

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
        for part in texts[index].parser.append(piece) { add(part, to: index, &bytes) }
        guard let end = piece.end else { return }
        event(of: index, end: end.openAI(hasCalls: texts[index].parser.hasCalls), &bytes) { _ in }
    }

    private mutating func add(_ part: AnswerParser.Piece, to index: Int, _ bytes: inout StreamBytes) {
        switch part {
        case .thought(let words):
            guard tellsThoughts else { return }
            event(of: index, &bytes) { delta in
                delta.key("reasoning_content")
                delta.value(words)
            }
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
