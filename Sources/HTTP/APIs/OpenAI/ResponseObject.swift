import PenstockJSON
import PenstockPipelines
import PenstockServing

/// A response of `POST /v1/responses`, while it is made and when it is complete.
struct ResponseObject: Sendable {
    /// An item of its output.
    enum Content: Sendable {
        case text(Kind, String)
        case call(ToolCall, of: ResponseTools.Origin)
    }

    /// A text that is an item.
    enum Kind: Sendable {
        case message
        case thought

        /// The type of the part of the item that the text is.
        var part: String {
            switch self {
            case .message: "output_text"
            case .thought: "reasoning_text"
            }
        }
    }

    /// An item and its ids.
    struct Item: Sendable {
        let id: String
        /// By which clients say what came of a call.
        let callID: String
        var content: Content

        static func text(_ kind: Kind, _ text: String) -> Item {
            Item(id: GenerationHead.id(kind == .message ? "msg_" : "rs_"), callID: "", content: .text(kind, text))
        }

        static func call(_ call: ToolCall, of tool: ResponseTools.Origin) -> Item {
            let id = GenerationHead.id(tool.isCustom ? "ctc_" : "fc_")
            return Item(id: id, callID: GenerationHead.id("call_"), content: .call(call, of: tool))
        }
    }

    private let id = GenerationHead.id("resp_")
    private let told: ResponsesRequest.Told
    private let head: GenerationHead
    var items: [Item] = []
    /// The reason that it ended, its tokens, and those of them that are of thoughts; nil while it goes on.
    private var outcome: (reason: FinishReason, facts: GenerationFacts, thoughtTokens: Int)?

    init(told: ResponsesRequest.Told, head: GenerationHead) { (self.told, self.head) = (told, head) }

    /// Takes note of the end.
    mutating func end(_ reason: FinishReason, _ facts: GenerationFacts, thoughtTokens: Int) {
        outcome = (reason, facts, thoughtTokens)
    }

    /// `in_progress`, `completed`, or `incomplete` if it was cut.
    var status: String {
        guard let outcome else { return "in_progress" }
        return outcome.reason.openAI == "length" ? "incomplete" : "completed"
    }

    /// Writes the object.
    func write(into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.value(id)
            writer.key("object")
            writer.value("response")
            writer.key("created_at")
            writer.value(head.created)
            writer.key("status")
            writer.value(status)
            writer.key("error")
            writer.null()
            writer.key("incomplete_details")
            if status == "incomplete" {
                writer.object { writer in
                    writer.key("reason")
                    writer.value("max_output_tokens")
                }
            } else {
                writer.null()
            }
            writer.key("model")
            writer.value(head.model)
            writer.key("output")
            writer.array { writer in
                for (index, item) in items.enumerated() {
                    // What others follow is whole.
                    item.write(status: index + 1 < items.count ? "completed" : status, into: &writer)
                }
            }
            for (name, value) in told.fields {
                writer.key(name)
                writer.value(value)
            }
            writer.key("usage")
            writeUsage(into: &writer)
        }
    }

    private func writeUsage(into writer: inout JSONWriter) {
        guard let (_, facts, thoughtTokens) = outcome else { return writer.null() }
        writer.object { writer in
            writer.key("input_tokens")
            writer.value(facts.promptTokens)
            writer.key("input_tokens_details")
            writer.object { writer in
                writer.key("cached_tokens")
                writer.value(facts.cachedTokens)
            }
            writer.key("output_tokens")
            writer.value(facts.generatedTokens)
            writer.key("output_tokens_details")
            writer.object { writer in
                writer.key("reasoning_tokens")
                writer.value(thoughtTokens)
            }
            writer.key("total_tokens")
            writer.value(facts.promptTokens + facts.generatedTokens)
        }
    }
}

extension ResponseObject.Item {
    /// Writes the item.
    ///
    /// - Parameters:
    ///   - status: that of the item
    ///   - isEmpty: true if nothing of its content is written
    func write(status: String, isEmpty: Bool = false, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            switch content {
            case .text(.message, let text):
                writer.value("message")
                writer.key("id")
                writer.value(id)
                writer.key("status")
                writer.value(status)
                writer.key("role")
                writer.value("assistant")
                writer.key("content")
                writer.array { if !isEmpty { Self.writePart(.message, text, into: &$0) } }
            case .text(.thought, let text):
                writer.value("reasoning")
                writer.key("id")
                writer.value(id)
                writer.key("summary")
                writer.array { _ in }
                writer.key("content")
                writer.array { if !isEmpty { Self.writePart(.thought, text, into: &$0) } }
                writer.key("status")
                writer.value(status)
            case .call(let call, let tool):
                writer.value(tool.isCustom ? "custom_tool_call" : "function_call")
                writer.key("id")
                writer.value(id)
                writer.key("call_id")
                writer.value(callID)
                if let namespace = tool.namespace {
                    writer.key("namespace")
                    writer.value(namespace)
                }
                writer.key("name")
                writer.value(tool.name)
                writer.key(tool.isCustom ? "input" : "arguments")
                writer.value(isEmpty ? "" : tool.isCustom ? tool.input(of: call) : call.arguments)
                writer.key("status")
                writer.value(status)
            }
        }
    }

    /// Writes the part of a message or a thought that is its text.
    static func writePart(_ kind: ResponseObject.Kind, _ text: String, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            writer.value(kind.part)
            writer.key("text")
            writer.value(text)
            guard kind == .message else { return }
            writer.key("annotations")
            writer.array { _ in }
        }
    }
}
