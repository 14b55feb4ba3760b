import PenstockJSON

extension Operation {
    /// The routes of OpenAI's API, by method and path.
    static let openAI: [String: Operation] = {
        let embeddings = Operation(
            .openAI, "Embeddings of texts.",
            takes: .object(
                ["input": inputs],
                optional: [
                    "model": model, "dimensions": JSONSchema.integer(atLeast: 1).orNull,
                    "encoding_format": JSONSchema.among("float", "base64").orNull,
                ]),
            gives: .object([
                "object": .among("list"),
                "data": .array(
                    of: .object([
                        "object": .among("embedding"), "index": .integer, "embedding": .any(of: .numbers, .string),
                    ])),
                "model": .string, "usage": usage,
            ]))
        let entry = JSONSchema.object(
            [
                "id": .string, "object": .among("model"), "created": .integer, "owned_by": .string, "type": .string,
            ], optional: ["max_model_len": .integer, "name": .string, "ready": .boolean])
        return [
            "POST /v1/embeddings": embeddings, "POST /embeddings": embeddings,
            "GET /v1/models": Operation(.openAI, "The models that there are.") {
                $0.answer = .object([
                    "object": .among("list"), "data": .array(of: entry), "models": .strings, "has_more": .boolean,
                    "first_id": JSONSchema.string.orNull, "last_id": JSONSchema.string.orNull,
                ])
            },
            "GET /v1/models/{model}": Operation(.openAI, "A model.") { $0.answer = entry },
        ]
    }()

    /// The name of a model.
    static let model = JSONSchema.string.orNull.described(
        as: "The name of the model; left out, the first that can do it.")

    /// Texts, or the tokens of such.
    static let inputs = JSONSchema.any(
        of: .string, .array(of: .string, atLeast: 1), .array(of: .integer, atLeast: 1),
        .array(of: .array(of: .integer, atLeast: 1), atLeast: 1))

    /// The tokens that were read.
    static let usage = JSONSchema.object(["prompt_tokens": .integer, "total_tokens": .integer])
}
