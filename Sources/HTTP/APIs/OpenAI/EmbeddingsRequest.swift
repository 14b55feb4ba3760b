import PenstockPipelines

/// The body of `POST /v1/embeddings`.
struct EmbeddingsRequest: Sendable {
    /// Inputs of one request, by OpenAI's specification.
    private static let mostInputs = 2048

    let model: String?
    let inputs: EmbeddingInputs
    let options: SentenceSimilarity.Options

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        inputs = try EmbeddingInputs(fields, "input")
        guard inputs.all.count <= Self.mostInputs else {
            throw ClientError(
                .invalidRequest, "input has \(inputs.all.count) elements, but at most \(Self.mostInputs) are possible",
                parameter: "input")
        }
        var options = SentenceSimilarity.Options()
        // OpenAI's vectors have length 1, also when they are cut.
        options.normalizes = true
        options.truncateDim = try fields.integer("dimensions", atLeast: 1)
        options.encoding.format =
            try fields.choice("encoding_format", ["float": EmbeddingFormat.float, "base64": .base64]) ?? .float
        self.options = options
    }
}
