import PenstockJSON
import PenstockPipelines
import PenstockTokenizers

/// The body of a request to rank texts: that of Text Embeddings Inference (`texts`), or one that Cohere, Jina, vLLM and
/// llama.cpp have (`documents`).
struct RerankRequest: Sendable {
    /// In whose form it is answered.
    enum Form: Sendable {
        /// A list of `{"index", "text", "score"}`.
        case textEmbeddings
        /// An object with the `results` as `{"index", "relevance_score", "document"}`.
        case results
    }

    let form: Form
    let model: String?
    let input: TextRanking.Input
    let options: TextRanking.Options

    /// The form of a request by its fields.
    static func form(of fields: RequestFields) -> Form {
        fields["texts"] != nil && fields["documents"] == nil ? .textEmbeddings : .results
    }

    init(_ fields: RequestFields) throws(ClientError) {
        form = Self.form(of: fields)
        model = try fields.string("model")
        let query = try fields.require(
            fields.value("query", "a string") { $0.string ?? $0["text"]?.string }, "query", "a string")
        let isOfTextEmbeddings = form == .textEmbeddings
        let name = isOfTextEmbeddings ? "texts" : "documents"
        let texts = isOfTextEmbeddings ? try fields.texts(name) : try Self.documents(fields)
        input = TextRanking.Input(query: query, texts: try fields.require(texts, name, "a list of strings"))
        guard !input.texts.isEmpty else { throw ClientError(.emptyInputs, "\(name) is an empty list", parameter: name) }
        guard !query.isEmpty else { throw ClientError(.emptyInputs, "query is an empty string", parameter: "query") }
        var options = try TextRanking.Options(dialect: fields)
        options.topK = try fields.integer("top_n", atLeast: 1)
        options.returnsDocuments = try fields.flag(isOfTextEmbeddings ? "return_text" : "return_documents")
        self.options = options
    }

    // MARK: Documents

    private static let expectedDocument = "a string or an object with text"

    /// The texts of documents: strings, or objects of which `rank_fields`, or else `text`, are ranked.
    private static func documents(_ fields: RequestFields) throws(ClientError) -> [String]? {
        guard let elements = try fields.value("documents", "a list of strings", \.array) else { return nil }
        let rankFields = RankFields(try fields.texts("rank_fields") ?? ["text"])
        var texts: [String] = []
        texts.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let text = element.string ?? rankFields.text(of: element) else {
                let expected = rankFields.isText ? expectedDocument : "a string or an object with the rank_fields"
                throw ClientError(
                    .invalidRequest, "documents[\(index)] has to be \(expected), not \(element.kind)",
                    parameter: "documents")
            }
            texts.append(text)
        }
        return texts
    }
}

extension TextRanking.Options {
    /// Reads what Text Embeddings Inference and vLLM say of scores and truncation.
    init(dialect fields: RequestFields) throws(ClientError) {
        self.init()
        // Programs compare scores with thresholds from 0 to 1.
        function = try fields.flag("raw_scores") ? TextRanking.ScoreFunction.none : .sigmoid
        tokenization = try TextEmbeddingsTruncation(fields).arguments
        // -1 is for as many as the model takes.
        if let tokens = try fields.integer("truncate_prompt_tokens", atLeast: -1), tokens > 0 {
            tokenization.maxLength = tokens
        }
        let sides: KeyValuePairs<String, Truncation.Direction> = ["left": .left, "right": .right]
        tokenization.truncationSide = try fields.choice("truncation_side", sides) ?? tokenization.truncationSide
    }
}
