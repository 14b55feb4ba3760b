import PenstockJSON

extension Operation {
    /// The routes of llama-server that others do not have, by method and path.
    static let llamaServer: [String: Operation] = {
        func generating(
            _ summary: String, _ inputs: [(name: String, schema: JSONSchema, isRequired: Bool)]
        ) -> Operation {
            Operation(
                .llamaServer, summary,
                takes: .object(
                    inputs + [
                        ("model", model, false), ("n_predict", JSONSchema.integer(atLeast: -2).orNull, false),
                        ("stream", JSONSchema.boolean.orNull, false), ("stop", JSONSchema.strings.orNull, false),
                        ("json_schema", JSONSchema.object().orNull, false),
                        ("response_fields", JSONSchema.strings.orNull, false),
                    ]),
                gives: .object([:], optional: ["content": .string, "stop": .boolean, "stop_type": .string])
            ).with { $0.streams = true }
        }
        let completion = generating(
            "A text that goes on with a prompt.",
            [("prompt", .any(of: .string, .array(of: .integer, atLeast: 1)), true)])
        let file = JSONSchema.object(["text": .string], optional: ["filename": .string])
        return [
            "POST /completion": completion, "POST /completions": completion,
            "POST /infill": generating(
                "A text that fills a gap.",
                [
                    ("input_prefix", .string, true), ("input_suffix", .string, true),
                    ("input_extra", JSONSchema.array(of: file).orNull, false),
                    ("prompt", JSONSchema.string.orNull, false),
                ]),
            "POST /detokenize": Operation(
                .llamaServer, "The text of tokens.",
                takes: .object(["tokens": .array(of: .integer)], optional: ["model": model]),
                gives: .object(["content": .string])),
            "GET /props": Operation(.llamaServer, "What the first model that generates takes.") {
                $0.answer = .object([
                    "default_generation_settings": .object(), "total_slots": .integer, "chat_template": .string,
                ])
            },
            "GET /slots": Operation(.llamaServer, "The slots of the first model that generates.") {
                $0.answer = .array(of: .object(["id": .integer, "is_processing": .boolean]))
            },
        ]
    }()
}
