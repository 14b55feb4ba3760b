import PenstockJSON

extension Operation {
    /// The routes of Cohere, Jina and vLLM, by method and path.
    static let rerank: [String: Operation] = {
        var all: [String: Operation] = [:]
        for path in ["/rerank", "/v1/rerank", "/v2/rerank", "/reranking", "/v1/reranking"] {
            all["POST \(path)"] = ranking
        }
        for path in ["/score", "/v1/score"] { all["POST \(path)"] = score }
        for path in ["/v1/embed", "/v2/embed"] { all["POST \(path)"] = embed }
        return all
    }()

    private static let ranking: Operation = {
        let document = JSONSchema.any(of: .string, .object())
        let results = JSONSchema.object([
            "id": .string, "model": .string,
            "results": .array(
                of: .object(
                    ["index": .integer, "relevance_score": .number], optional: ["document": .object(["text": .string])])
            ),
            "usage": usage, "meta": .object(),
        ])
        let ranks = JSONSchema.array(of: .object(["index": .integer, "score": .number], optional: ["text": .string]))
        return Operation(
            .rerank, "How well texts answer a query.",
            takes: JSONSchema.object(
                ["query": .any(of: .string, .object(["text": .string]))],
                optional: [
                    "model": model, "documents": .array(of: document, atLeast: 1),
                    "texts": .array(of: .string, atLeast: 1), "top_n": JSONSchema.integer(atLeast: 1).orNull,
                    "rank_fields": JSONSchema.strings.orNull, "return_documents": JSONSchema.boolean.orNull,
                    "return_text": JSONSchema.boolean.orNull, "raw_scores": JSONSchema.boolean.orNull,
                    "truncate": JSONSchema.boolean.orNull,
                    "truncate_prompt_tokens": JSONSchema.integer(atLeast: -1).orNull,
                    "truncation_side": JSONSchema.among("left", "right").orNull,
                ]
            ).requiring(anyOf: "documents", "texts"),
            gives: .any(of: results, ranks))
    }()

    private static let score: Operation = {
        let texts = JSONSchema.any(of: .string, .array(of: .string, atLeast: 1))
        return Operation(
            .rerank, "The scores of pairs of texts.",
            takes: .object(
                ["text_1": texts, "text_2": texts],
                optional: [
                    "model": model, "raw_scores": JSONSchema.boolean.orNull,
                    "truncate_prompt_tokens": JSONSchema.integer(atLeast: -1).orNull,
                ]),
            gives: .object([
                "id": .string, "object": .among("list"), "created": .integer, "model": .string,
                "data": .array(of: .object(["index": .integer, "object": .among("score"), "score": .number])),
                "usage": usage,
            ]))
    }()

    private static let embed = Operation(
        .rerank, "Embeddings of texts, as Cohere has them.",
        takes: .object(
            ["texts": .array(of: .string, atLeast: 1)],
            optional: [
                "model": model,
                "input_type": JSONSchema.among("search_query", "search_document", "classification", "clustering")
                    .orNull,
                "embedding_types": JSONSchema.array(of: .among("float", "base64", "binary", "ubinary")).orNull,
                "output_dimension": JSONSchema.integer(atLeast: 1).orNull,
                "truncate": JSONSchema.among("none", "start", "end").orNull,
            ]),
        gives: .object([
            "id": .string, "response_type": .string,
            "embeddings": .any(of: .array(of: .numbers), .object(others: .array(of: .any(of: .numbers, .string)))),
            "meta": .object(),
        ]))
}
