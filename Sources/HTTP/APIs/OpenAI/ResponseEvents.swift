import PenstockJSON
import PenstockPipelines

/// The events of a response that is streamed: each has a name, which is its `type`, and a number.
struct ResponseEvents: GenerationEvents {
    private var response: ResponseObject
    private var parser: AnswerParser
    private let tellsThoughts: Bool
    private let tools: ResponseTools
    private var number = 0
    /// True while the last item goes on.
    private var isItemOpen = false
    private var end = FinishReason.length

    init(_ response: ResponseObject, parser: AnswerParser, tellsThoughts: Bool, tools: ResponseTools) {
        (self.response, self.parser, self.tellsThoughts, self.tools) = (response, parser, tellsThoughts, tools)
    }

    mutating func begin(_ bytes: inout StreamBytes) {
        for type in ["response.created", "response.in_progress"] { event(type, &bytes, writeResponse) }
    }

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        if let end = piece.end { self.end = end }
        for part in parser.append(piece) {
            switch part {
            case .thought(let words): if tellsThoughts { add(words, to: .thought, &bytes) }
            case .text(let words): add(words, to: .message, &bytes)
            case .call(_, let name):
                let call = ToolCall(name: name, arguments: "")
                open(.call(call, of: tools.origin(of: call)), &bytes)
            case .arguments(_, let part): add(arguments: part, &bytes)
            }
        }
    }

    private func isOpen(_ kind: ResponseObject.Kind) -> Bool {
        if case .text(kind, _)? = response.items.last?.content { isItemOpen } else { false }
    }

    private mutating func add(_ words: String, to kind: ResponseObject.Kind, _ bytes: inout StreamBytes) {
        if !isOpen(kind) { open(.text(kind, ""), &bytes) }
        guard let last = response.items.indices.last, case .text(_, let text) = response.items[last].content else {
            return
        }
        response.items[last].content = .text(kind, text + words)
        itemEvent("response.\(kind.part).delta", hasPart: true, &bytes) { writer in
            writer.key("delta")
            writer.value(words)
        }
    }

    private mutating func add(arguments part: String, _ bytes: inout StreamBytes) {
        guard let last = response.items.indices.last, case .call(var call, let tool) = response.items[last].content
        else { return }
        call.arguments += part
        response.items[last].content = .call(call, of: tool)
        // A text is known when the arguments that it is part of are whole.
        guard !tool.isCustom else { return }
        itemEvent("response.function_call_arguments.delta", &bytes) { writer in
            writer.key("delta")
            writer.value(part)
        }
    }

    private mutating func open(_ item: ResponseObject.Item, _ bytes: inout StreamBytes) {
        closeItem("completed", &bytes)
        response.items.append(item)
        isItemOpen = true
        event("response.output_item.added", &bytes) { response, writer in
            response.writeLast(status: "in_progress", isEmpty: true, into: &writer)
        }
        guard case .text(let kind, _) = item.content else { return }
        itemEvent("response.content_part.added", hasPart: true, &bytes) { writer in
            writer.key("part")
            ResponseObject.Item.writePart(kind, "", into: &writer)
        }
    }

    private mutating func closeItem(_ status: String, _ bytes: inout StreamBytes) {
        guard isItemOpen, let item = response.items.last else { return }
        isItemOpen = false
        switch item.content {
        case .text(let kind, let text):
            itemEvent("response.\(kind.part).done", hasPart: true, &bytes) { writer in
                writer.key("text")
                writer.value(text)
            }
            itemEvent("response.content_part.done", hasPart: true, &bytes) { writer in
                writer.key("part")
                ResponseObject.Item.writePart(kind, text, into: &writer)
            }
        case .call(let call, let tool) where tool.isCustom:
            for (type, field) in [("delta", "delta"), ("done", "input")] {
                itemEvent("response.custom_tool_call_input.\(type)", &bytes) { writer in
                    writer.key(field)
                    writer.value(tool.input(of: call))
                }
            }
        case .call(let call, _):
            itemEvent("response.function_call_arguments.done", &bytes) { writer in
                writer.key("arguments")
                writer.value(call.arguments)
            }
        }
        event("response.output_item.done", &bytes) { response, writer in
            response.writeLast(status: status, isEmpty: false, into: &writer)
        }
    }

    mutating func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes) {
        // An answer without words is a message all the same.
        if response.items.isEmpty { open(.text(.message, ""), &bytes) }
        response.end(end, summary.facts, thoughtTokens: parser.thoughtTokens)
        closeItem(response.status, &bytes)
        event("response.\(response.status)", &bytes, writeResponse)
    }

    mutating func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes) {
        event("error", &bytes) { _, writer in
            writer.key("code")
            writer.value(error.code)
            writer.key("message")
            writer.value(error.message)
            writer.key("param")
            writer.null()
            writer.key("error")
            error.writeOpenAI(into: &writer)
        }
    }

    private func writeResponse(_ response: ResponseObject, into writer: inout JSONWriter) {
        writer.key("response")
        response.write(into: &writer)
    }

    /// Writes an event about the last item.
    ///
    /// - Parameter hasPart: true if it is about the part of a message or a thought
    private mutating func itemEvent(
        _ type: String, hasPart: Bool = false, _ bytes: inout StreamBytes, _ write: (inout JSONWriter) -> Void
    ) {
        event(type, &bytes) { response, writer in
            writer.key("item_id")
            writer.value(response.items.last?.id ?? "")
            writer.key("output_index")
            writer.value(response.items.count - 1)
            if hasPart {
                writer.key("content_index")
                writer.value(0)
            }
            write(&writer)
        }
    }

    private mutating func event(
        _ type: String, _ bytes: inout StreamBytes, _ write: (ResponseObject, inout JSONWriter) -> Void
    ) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.value(type)
            writer.key("sequence_number")
            writer.value(number)
            write(response, &writer)
        }
        number += 1
        bytes.add(event: writer.finish(), named: type)
    }
}

extension ResponseObject {
    /// Writes the place of the last item, and the item.
    fileprivate func writeLast(status: String, isEmpty: Bool, into writer: inout JSONWriter) {
        guard let item = items.last else { return }
        writer.key("output_index")
        writer.value(items.count - 1)
        writer.key("item")
        item.write(status: status, isEmpty: isEmpty, into: &writer)
    }
}
