import PenstockPipelines
import PenstockTokenizers

/// The body of Cohere's `POST /v1/embed` and `/v2/embed`.
struct CohereEmbedRequest: TaskRequest {
    typealias Task = SentenceSimilarity

    let model: String?
    let inputs: [SentenceSimilarity.Input]
    let texts: TextSize
    /// The format in which vectors are written; nil if nobody asks for a type.
    let type: EmbeddingFormat?
    let options: SentenceSimilarity.Options

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        for name in ["images", "inputs"] where fields[name] != nil {
            throw fields.invalid(name, "left out; this server takes texts")
        }
        let texts = try fields.require(fields.texts("texts"), "texts", "a list of strings")
        guard !texts.isEmpty else { throw ClientError(.emptyInputs, "texts is an empty list", parameter: "texts") }
        (inputs, self.texts) = (texts.map { .text($0) }, TextSize(of: texts))
        type = try Self.type(fields)
        var options = SentenceSimilarity.Options()
        options.truncateDim = try fields.integer("output_dimension", atLeast: 1)
        options.encoding.format = type ?? .float
        // Prompts that every model of sentence-transformers has, if only empty ones.
        let prompts: KeyValuePairs<String, String?> = [
            "search_query": "query", "search_document": "document", "classification": nil, "clustering": nil,
        ]
        options.promptName = try fields.choice("input_type", prompts) ?? nil
        let sides: KeyValuePairs<String, Truncation.Direction?> = ["none": nil, "start": .left, "end": .right]
        let side = try fields.choice("truncate", sides) ?? .right
        (options.truncates, options.truncationSide) = (side != nil, side)
        self.options = options
    }

    /// The one type that is asked for.
    private static func type(_ fields: RequestFields) throws(ClientError) -> EmbeddingFormat? {
        guard let names = try fields.texts("embedding_types"), !names.isEmpty else { return nil }
        guard names.count == 1, let type = EmbeddingFormat(rawValue: names[0]) else {
            throw fields.invalid("embedding_types", #"["float"] or ["base64"]"#)
        }
        return type
    }
}
