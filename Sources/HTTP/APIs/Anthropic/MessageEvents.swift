import PenstockJSON
import PenstockPipelines

/// The events of a message of Anthropic that is streamed: the blocks of its content, one after the other, each with a
/// beginning, parts and an end.
struct MessageEvents: GenerationEvents {
    private let head: GenerationHead
    private let tellsThoughts: Bool
    private var parser: AnswerParser
    /// The number of the next block.
    private var blocks = 0
    private var open: Block?
    private var end: MessageEnd?

    private enum Block {
        case thought
        case text
        case call
    }

    /// - Parameter tellsThoughts: whether the words of thoughts are told
    init(_ head: GenerationHead, _ parser: AnswerParser, tellsThoughts: Bool) {
        (self.head, self.parser, self.tellsThoughts) = (head, parser, tellsThoughts)
    }

    mutating func begin(_ bytes: inout StreamBytes) {
        event("message_start", &bytes) { writer in
            writer.key("message")
            writer.object { writer in
                writer.message(GenerationHead.id("msg_"), model: head.model) { _ in }
                writer.fields(of: nil)
                writer.key("usage")
                writer.object { writer in
                    writer.key("input_tokens")
                    writer.value(head.promptTokens)
                    writer.key("output_tokens")
                    writer.value(0)
                }
            }
        }
    }

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        for part in parser.append(piece) { add(part, &bytes) }
        guard let reason = piece.end else { return }
        end = MessageEnd(reason, at: piece.stopString, hasCalls: parser.hasCalls)
    }

    private mutating func add(_ part: AnswerParser.Piece, _ bytes: inout StreamBytes) {
        switch part {
        case .thought(let words):
            if open != .thought { begin(.thought, &bytes) { $0.thinking("", signature: "") } }
            if tellsThoughts { delta("thinking_delta", "thinking", words, &bytes) }
        case .text(let words):
            if open != .text {
                begin(.text, &bytes) { writer in
                    writer.key("type")
                    writer.value("text")
                    writer.key("text")
                    writer.value("")
                }
            }
            delta("text_delta", "text", words, &bytes)
        case .call(_, let name):
            begin(.call, &bytes) { $0.toolUse(name, input: JSONObject()) }
        case .arguments(_, let text): delta("input_json_delta", "partial_json", text, &bytes)
        }
    }

    mutating func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes) {
        endBlock(&bytes)
        event("message_delta", &bytes) { writer in
            writer.key("delta")
            writer.object { $0.fields(of: end) }
            writer.key("usage")
            writer.object { writer in
                writer.key("output_tokens")
                writer.value(summary.facts.generatedTokens)
            }
        }
        event("message_stop", &bytes) { _ in }
    }

    mutating func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes) {
        bytes.add(event: error.told(in: .anthropic).json, named: "error")
    }

    // MARK: Blocks

    private mutating func begin(
        _ block: Block, _ bytes: inout StreamBytes, _ write: (inout JSONWriter) -> Void
    ) {
        endBlock(&bytes)
        open = block
        event("content_block_start", &bytes) { writer in
            writer.key("index")
            writer.value(blocks)
            writer.key("content_block")
            writer.object(write)
        }
    }

    private mutating func endBlock(_ bytes: inout StreamBytes) {
        guard let block = open else { return }
        open = nil
        if block == .thought { delta("signature_delta", "signature", GenerationHead.id("sig_"), &bytes) }
        event("content_block_stop", &bytes) { writer in
            writer.key("index")
            writer.value(blocks)
        }
        blocks += 1
    }

    private func delta(_ type: String, _ field: String, _ text: String, _ bytes: inout StreamBytes) {
        event("content_block_delta", &bytes) { writer in
            writer.key("index")
            writer.value(blocks)
            writer.key("delta")
            writer.object { writer in
                writer.key("type")
                writer.value(type)
                writer.key(field)
                writer.value(text)
            }
        }
    }

    /// Writes an event that has its type as a name and as a field.
    private func event(_ type: String, _ bytes: inout StreamBytes, _ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.value(type)
            write(&writer)
        }
        bytes.add(event: writer.finish(), named: type)
    }
}
