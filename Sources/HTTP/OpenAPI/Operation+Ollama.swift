import PenstockJSON

extension Operation {
    /// The routes of Ollama, by method and path.
    static let ollama: [String: Operation] = {
        let line: KeyValuePairs<String, JSONSchema> = ["model": .string, "created_at": .string, "done": .boolean]
        let lines: (inout Operation) -> Void = {
            $0.streams = true
            $0.streamType = "application/x-ndjson"
        }
        let wishes: [(name: String, schema: JSONSchema, isRequired: Bool)] = [
            ("model", model, false), ("stream", JSONSchema.boolean.orNull, false),
            ("format", .any(of: .string, .object()), false), ("options", JSONSchema.object().orNull, false),
            ("think", .any(of: JSONSchema.boolean.orNull, .among("low", "medium", "high")), false),
            ("logprobs", JSONSchema.boolean.orNull, false),
            ("top_logprobs", JSONSchema.integer(atLeast: 0, atMost: 20).orNull, false),
        ]
        let models = JSONSchema.object(["models": .array(of: .object(["name": .string, "model": .string]))])
        var all: [String: Operation] = [
            "POST /api/chat": Operation(
                .ollama, "The answer to a chat.",
                takes: .object(
                    [
                        ("messages", .array(of: chatMessage), true),
                        ("tools", JSONSchema.array(of: .object()).orNull, false),
                    ] + wishes), gives: .object(line, optional: ["message": chatMessage])
            ).with(lines),
            "POST /api/generate": Operation(
                .ollama, "The answer to a prompt.",
                takes: .object(
                    [
                        ("prompt", JSONSchema.string.orNull, false), ("suffix", JSONSchema.string.orNull, false),
                        ("system", JSONSchema.string.orNull, false), ("raw", JSONSchema.boolean.orNull, false),
                    ] + wishes), gives: .object(line, optional: ["response": .string])
            ).with(lines),
            "POST /api/embed": Operation(
                .ollama, "Embeddings of texts.",
                takes: .object(
                    [:],
                    optional: [
                        "model": model, "input": .any(of: .string, .strings), "truncate": JSONSchema.boolean.orNull,
                        "dimensions": JSONSchema.integer(atLeast: 1).orNull,
                    ]),
                gives: .object(["model": .string, "embeddings": .array(of: .numbers), "prompt_eval_count": .integer])),
            "POST /api/embeddings": Operation(
                .ollama, "The embedding of a text.",
                takes: .object([:], optional: ["model": model, "prompt": JSONSchema.string.orNull]),
                gives: .object(["embedding": .numbers])),
            "GET /api/tags": Operation(.ollama, "The models that there are.") { $0.answer = models },
            "GET /api/ps": Operation(.ollama, "The models that are loaded.") { $0.answer = models },
            "GET /api/version": Operation(.ollama, "The version of the API.") {
                $0.answer = .object(["version": .string])
            },
            "POST /api/show": Operation(
                .ollama, "What a model is.", takes: .object([:], optional: ["model": model, "name": model]),
                gives: .object(["details": .object(), "model_info": .object(), "capabilities": .strings])),
        ]
        for route in ["POST pull", "POST push", "POST create", "POST copy", "POST blobs/{digest}", "DELETE delete"] {
            all[route.replacing(" ", with: " /api/")] = Operation(.ollama, "Changes models, which is not done here.") {
                $0.furtherStatuses = [.notImplemented]
            }
        }
        return all
    }()

    /// A message of a chat.
    static let chatMessage = JSONSchema.object(["role": .string], optional: ["content": .anything])
}
