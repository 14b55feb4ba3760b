import PenstockPipelines
import PenstockTokenizers

/// The body of Cohere's `POST /v1/embed` and `/v2/embed`.
struct CohereEmbedRequest: TaskRequest {
    typealias Task = SentenceSimilarity

    let model: String?
    let inputs: [SentenceSimilarity.Input]
    let texts: TextSize
    /// The type of the vectors; nil if nobody asks for one.
    let type: CohereEmbeddingType?
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
        if let type { (options.encoding.precision, options.encoding.format) = (type.precision, type.format) }
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
    private static func type(_ fields: RequestFields) throws(ClientError) -> CohereEmbeddingType? {
        guard let names = try fields.texts("embedding_types"), !names.isEmpty else { return nil }
        guard names.count == 1, let type = CohereEmbeddingType(rawValue: names[0]) else {
            throw fields.invalid("embedding_types", #"["float"], ["base64"], ["binary"] or ["ubinary"]"#)
        }
        return type
    }
}

/// A type of embeddings by its name. Those of whole bytes are none: they need ranges that a request does not have.
enum CohereEmbeddingType: String, Sendable {
    case float
    case base64
    /// A bit for each number, eight to a signed byte.
    case binary
    /// The same in unsigned bytes.
    case ubinary

    /// The precision of the numbers.
    var precision: EmbeddingPrecision {
        switch self {
        case .float, .base64: .float32
        case .binary: .binary
        case .ubinary: .ubinary
        }
    }

    /// The format in which they are written.
    var format: EmbeddingFormat { self == .base64 ? .base64 : .float }
}
