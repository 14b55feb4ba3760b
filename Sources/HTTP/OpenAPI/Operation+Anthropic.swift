import PenstockJSON

extension Operation {
    /// The routes of Anthropic, by method and path.
    static let anthropic: [String: Operation] = {
        let fields: [(String, JSONSchema, Bool)] = [
            ("messages", .array(of: chatMessage, atLeast: 1), true), ("model", model, false),
            ("system", .any(of: .string, .array(of: .object())), false),
            ("tools", JSONSchema.array(of: .object()).orNull, false),
            ("tool_choice", JSONSchema.object().orNull, false), ("thinking", JSONSchema.object().orNull, false),
        ]
        let settings: [(String, JSONSchema, Bool)] = [
            ("max_tokens", .integer(atLeast: 1), true), ("stream", JSONSchema.boolean.orNull, false),
            ("temperature", JSONSchema.number.orNull, false), ("top_k", JSONSchema.integer.orNull, false),
            ("top_p", JSONSchema.number.orNull, false), ("stop_sequences", JSONSchema.strings.orNull, false),
            ("output_config", JSONSchema.object().orNull, false),
        ]
        return [
            "POST /v1/messages": Operation(
                .anthropic, "The answer to a chat.", takes: .object(fields + settings),
                gives: .object([
                    "id": .string, "type": .among("message"), "role": .string, "model": .string,
                    "content": .array(of: .object(["type": .string])), "stop_reason": JSONSchema.string.orNull,
                    "stop_sequence": JSONSchema.string.orNull, "usage": .object(others: .integer),
                ])
            ).with { $0.streams = true },
            "POST /v1/messages/count_tokens": Operation(
                .anthropic, "The tokens of the prompt that a chat becomes.", takes: .object(fields),
                gives: .object(["input_tokens": .integer])),
        ]
    }()
}
