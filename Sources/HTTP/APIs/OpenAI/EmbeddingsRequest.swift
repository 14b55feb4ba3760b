import PenstockPipelines

/// The body of `POST /v1/embeddings`.
struct EmbeddingsRequest: Sendable {
    let model: String?
    let inputs: EmbeddingInputs
    let options: SentenceSimilarity.Options

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        inputs = try EmbeddingInputs(fields, "input")
        var options = SentenceSimilarity.Options()
        // OpenAI's vectors have length 1, also when they are cut.
        options.normalizes = true
        options.truncateDim = try fields.integer("dimensions", atLeast: 1)
        options.encoding.format =
            try fields.choice("encoding_format", ["float": EmbeddingFormat.float, "base64": .base64]) ?? .float
        self.options = options
    }
}
