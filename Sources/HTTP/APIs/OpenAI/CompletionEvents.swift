import PenstockJSON
import PenstockPipelines

/// The events of a completion that is streamed, each of which has the object of a whole answer.
struct CompletionEvents: OpenAIEvents {
    private let id = GenerationHead.id("cmpl-")
    private let head: GenerationHead
    let tellsUsage: Bool
    private var texts: [Text]

    /// The state of a text between events.
    private struct Text: Sendable {
        /// The text that is told in front of its first piece.
        var prompt: String
        /// The probabilities of the tokens that no event has told yet; nil if none are told.
        var logprobs: CompletionLogprobs?
    }

    /// - Parameters:
    ///   - prompts: what is told in front of the texts that are generated
    ///   - logprobs: how many likeliest tokens are told at each place; nil for no probabilities
    init(head: GenerationHead, prompts: [EchoedPrompt], textsPerPrompt: Int, logprobs: Int?, tellsUsage: Bool) {
        (self.head, self.tellsUsage) = (head, tellsUsage)
        texts = prompts.flatMap { prompt in
            let text = Text(
                prompt: prompt.text, logprobs: logprobs.map { CompletionLogprobs(behind: prompt, likeliest: $0) })
            return Array(repeating: text, count: textsPerPrompt)
        }
    }

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        guard texts.indices.contains(piece.sequence) else { return }
        var text = texts[piece.sequence]
        text.logprobs?.append(prompt: piece.prompt, piece.token.map { [$0] } ?? [])
        let words = text.prompt + piece.text
        text.prompt = ""
        defer { texts[piece.sequence] = text }
        // Text that is held back comes with a later piece, and so do its tokens.
        guard !words.isEmpty || piece.end != nil || !piece.prompt.isEmpty else { return }
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
                    if text.logprobs?.take(into: &writer) == nil { writer.null() }
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
