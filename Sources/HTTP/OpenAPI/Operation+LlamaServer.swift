import PenstockJSON

extension Operation {
    /// The routes of llama-server that others do not have, by method and path.
    static let llamaServer: [String: Operation] = {
        let completion = Operation(
            .llamaServer, "A text that goes on with a prompt.",
            takes: .object(
                ["prompt": .any(of: .string, .array(of: .integer, atLeast: 1))],
                optional: [
                    "model": model, "n_predict": JSONSchema.integer(atLeast: -2).orNull,
                    "stream": JSONSchema.boolean.orNull, "stop": JSONSchema.strings.orNull,
                    "json_schema": JSONSchema.object().orNull,
                ]),
            gives: .object(["content": .string, "stop": .boolean], optional: ["stop_type": .string])
        ).with { $0.streams = true }
        return [
            "POST /completion": completion, "POST /completions": completion,
            "POST /detokenize": Operation(
                .llamaServer, "The text of tokens.",
                takes: .object(["tokens": .array(of: .integer)], optional: ["model": model]),
                gives: .object(["content": .string])),
            "GET /props": Operation(.llamaServer, "What the first model that generates takes.") {
                $0.answer = .object(["default_generation_settings": .object(), "total_slots": .integer, "chat_template": .string])
            },
            "GET /slots": Operation(.llamaServer, "The slots of the first model that generates.") {
                $0.answer = .array(of: .object(["id": .integer, "is_processing": .boolean]))
            },
        ]
    }()
}
