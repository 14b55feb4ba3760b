import PenstockJSON

extension Operation {
    /// The routes of Text Embeddings Inference, by method and path.
    static let textEmbeddings: [String: Operation] = [
        "POST /embed": Operation(
            .textEmbeddings, "Embeddings of texts.",
            takes: body(
                ["inputs": inputs],
                [
                    "prompt_name": JSONSchema.string.orNull, "normalize": JSONSchema.boolean.orNull,
                    "dimensions": JSONSchema.integer(atLeast: 1).orNull,
                ]), gives: .array(of: .numbers)),
        "POST /embed_all": Operation(
            .textEmbeddings, "The vectors of the tokens of texts.",
            takes: body(["inputs": texts], ["prompt_name": JSONSchema.string.orNull]),
            gives: .array(of: .array(of: .numbers))),
        "POST /embed_sparse": Operation(
            .textEmbeddings, "Sparse embeddings of texts.",
            takes: body(["inputs": inputs], ["prompt_name": JSONSchema.string.orNull]),
            gives: .array(of: .array(of: .object(["index": .integer, "value": .number])))),
        "POST /similarity": Operation(
            .textEmbeddings, "How alike sentences are to another one.",
            takes: .object(
                ["inputs": .object(["source_sentence": .string, "sentences": .array(of: .string, atLeast: 1)])],
                optional: ["model": model, "parameters": JSONSchema.object().orNull]), gives: .numbers),
        "POST /predict": predict,
        "POST /tokenize": Operation(
            .textEmbeddings, "The tokens of texts.",
            takes: .any(
                of: .object(
                    ["inputs": texts],
                    optional: [
                        "model": model, "add_special_tokens": JSONSchema.boolean.orNull,
                        "prompt_name": JSONSchema.string.orNull,
                    ]),
                .object(
                    ["content": .string],
                    optional: [
                        "model": model, "add_special": JSONSchema.boolean.orNull,
                        "with_pieces": JSONSchema.boolean.orNull,
                    ])), gives: .any(of: .array(of: .array(of: token)), .object())
        ).with { $0.takesText = true },
        "POST /decode": Operation(
            .textEmbeddings, "The texts of tokens.",
            takes: .object(
                ["ids": .any(of: ids, .array(of: ids, atLeast: 1))],
                optional: ["model": model, "skip_special_tokens": JSONSchema.boolean.orNull]), gives: .strings),
        "POST /vertex": Operation(
            .textEmbeddings, "Answers instances, each a body of this API.",
            takes: .object(["instances": .array(of: .object(), atLeast: 1)]),
            gives: .object(["predictions": .array(of: .anything)])),
    ]

    private static let predict: Operation = {
        let labels = JSONSchema.array(of: .object(["score": .number, "label": .string]))
        return Operation(
            .textEmbeddings, "The labels of texts.",
            takes: body(
                ["inputs": .any(of: .string, .array(of: .any(of: .string, .strings), atLeast: 1))],
                ["raw_scores": JSONSchema.boolean.orNull]), gives: .any(of: labels, .array(of: labels)))
    }()

    private static let texts = JSONSchema.any(of: .string, .array(of: .string, atLeast: 1))

    private static let ids = JSONSchema.array(of: .integer, atLeast: 1)

    private static let token = JSONSchema.object([
        "id": .integer, "text": .string, "special": .boolean, "start": JSONSchema.integer.orNull,
        "stop": JSONSchema.integer.orNull,
    ])

    /// A body with the fields that all of these routes have.
    private static func body(
        _ required: KeyValuePairs<String, JSONSchema>, _ optional: KeyValuePairs<String, JSONSchema>
    ) -> JSONSchema {
        let common: KeyValuePairs<String, JSONSchema> = [
            "model": model, "truncate": JSONSchema.boolean.orNull,
            "truncation_direction": JSONSchema.among("left", "right").orNull,
        ]
        return .object(
            required.map { ($0, $1, true) } + optional.map { ($0, $1, false) } + common.map { ($0, $1, false) })
    }
}
