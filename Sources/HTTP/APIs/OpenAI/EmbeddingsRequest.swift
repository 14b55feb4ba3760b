import PenstockJSON
import PenstockPipelines

/// The body of `POST /v1/embeddings`.
struct EmbeddingsRequest: Sendable {
    /// Inputs of one request, by OpenAI's specification.
    private static let mostInputs = 2048

    let model: String?
    let inputs: [SentenceSimilarity.Input]
    /// The size of the inputs; a token counts as a byte.
    let texts: TextSize
    let options: SentenceSimilarity.Options

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        inputs = try Self.inputs(fields)
        texts = inputs.reduce(into: TextSize()) { size, input in
            size.count += 1
            size.bytes += input.bytes
        }
        var options = SentenceSimilarity.Options()
        // OpenAI's vectors have length 1, also when they are cut.
        options.normalizes = true
        options.truncateDim = try fields.integer("dimensions", atLeast: 1)
        options.encoding.format =
            try fields.choice("encoding_format", ["float": EmbeddingFormat.float, "base64": .base64]) ?? .float
        self.options = options
    }

    private static let expected = "a string, a list of strings, a list of token ids, or a list of such lists"

    /// Reads a text or its tokens, or a list of such.
    private static func inputs(_ fields: RequestFields) throws(ClientError) -> [SentenceSimilarity.Input] {
        let value = try fields.require(fields["input"], "input", expected)
        if let input = try input(value) { return [input] }
        guard let elements = value.array, !elements.isEmpty else { throw fields.invalid("input", expected) }
        guard elements.count <= mostInputs else {
            throw ClientError(
                .invalidRequest, "input has \(elements.count) elements, but at most \(mostInputs) are possible",
                parameter: "input")
        }
        var inputs: [SentenceSimilarity.Input] = []
        inputs.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let input = try input(element) else {
                throw ClientError(
                    .invalidRequest, "input[\(index)] has to be a string or a list of token ids, not \(element.kind)",
                    parameter: "input")
            }
            inputs.append(input)
        }
        return inputs
    }

    /// Nil for what is neither a text nor a list of numbers.
    private static func input(_ value: JSONValue) throws(ClientError) -> SentenceSimilarity.Input? {
        if let text = value.string { return .text(text) }
        guard let elements = value.array, !elements.isEmpty else { return nil }
        var ids: [Int32] = []
        ids.reserveCapacity(elements.count)
        for element in elements {
            guard element.double != nil else { return nil }
            guard let id = element.integer.flatMap({ Int32(exactly: $0) }) else {
                throw ClientError(.invalidRequest, "a token id of input is no 32-bit integer", parameter: "input")
            }
            ids.append(id)
        }
        return .tokens(ids)
    }
}

extension SentenceSimilarity.Input {
    /// The bytes of the texts; a token counts as one.
    fileprivate var bytes: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .tokens(let ids): ids.count
        case .comparison(let source, let sentences): sentences.reduce(source.utf8.count) { $0 + $1.utf8.count }
        }
    }
}
