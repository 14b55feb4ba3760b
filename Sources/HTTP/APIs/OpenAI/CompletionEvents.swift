import PenstockJSON
import PenstockPipelines

/// The events of a completion that is streamed, each of which has the object of a whole answer.
struct CompletionEvents: OpenAIEvents {
    private let id = GenerationHead.id("cmpl-")
    private let head: GenerationHead
    private let tellsLogprobs: Bool
    let tellsUsage: Bool
    private var texts: [Text]

    /// The state of a text between events.
    private struct Text: Sendable {
        /// The text that is told in front of its first piece.
        var prompt: String
        /// Tokens that no event has told yet.
        var tokens: [TextGeneration.Generation.Token] = []
        /// The end of those that were told, in Unicode scalars.
        var offset = 0
    }

    /// - Parameter prompts: the texts that are told in front of those that are generated
    init(head: GenerationHead, prompts: [String], textsPerPrompt: Int, tellsLogprobs: Bool, tellsUsage: Bool) {
        (self.head, self.tellsLogprobs, self.tellsUsage) = (head, tellsLogprobs, tellsUsage)
        texts = prompts.flatMap { Array(repeating: Text(prompt: $0), count: textsPerPrompt) }
    }

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        guard texts.indices.contains(piece.sequence) else { return }
        var text = texts[piece.sequence]
        if tellsLogprobs, let token = piece.token { text.tokens.append(token) }
        let words = text.prompt + piece.text
        text.prompt = ""
        defer { texts[piece.sequence] = text }
        // Text that is held back comes with a later piece, and so do its tokens.
        guard !words.isEmpty || piece.end != nil else { return }
        var writer = JSONWriter()
        writer.object { writer in
            writeHead(into: &writer)
            writer.key("choices")
            writer.array { writer in
                writer.object { writer in
                    writer.key("text")
                    writer.value(words)
                    writer.key("index")
                    writer.value(piece.sequence)
                    writer.key("logprobs")
                    if tellsLogprobs {
                        writer.completionLogprobs(text.tokens, from: &text.offset)
                        text.tokens = []
                    } else {
                        writer.null()
                    }
                    writer.key("finish_reason")
                    writer.value((piece.end?.openAI).map(JSONValue.string) ?? .null)
                }
            }
            guard tellsUsage else { return }
            writer.key("usage")
            writer.null()
        }
        bytes.add(event: writer.finish())
    }

    func writeHead(into writer: inout JSONWriter) { writer.completionHead(id, head) }
}
