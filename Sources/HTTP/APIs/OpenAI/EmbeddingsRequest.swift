import PenstockPipelines

/// The body of `POST /v1/embeddings`.
struct EmbeddingsRequest: TaskRequest {
    typealias Task = SentenceSimilarity

    let model: String?
    let inputs: [SentenceSimilarity.Input]
    let texts: TextSize
    let options: SentenceSimilarity.Options

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        let given = try EmbeddingInputs(fields, "input")
        (inputs, texts) = (given.all, given.texts)
        var options = SentenceSimilarity.Options()
        // OpenAI's vectors have length 1, also when they are cut.
        options.normalizes = true
        options.truncateDim = try fields.integer("dimensions", atLeast: 1)
        options.encoding.format =
            try fields.choice("encoding_format", ["float": EmbeddingFormat.float, "base64": .base64]) ?? .float
        self.options = options
    }
}
