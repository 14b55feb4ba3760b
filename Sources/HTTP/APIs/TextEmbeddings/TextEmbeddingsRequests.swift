import PenstockJSON
import PenstockPipelines
import PenstockTokenizers

/// The rule by which Text Embeddings Inference cuts texts that are too long: fields that all its routes have.
struct TextEmbeddingsTruncation: Sendable {
    /// True if they are cut; left out, they are.
    let truncates: Bool
    let side: Truncation.Direction?

    init(_ fields: RequestFields) throws(ClientError) {
        truncates = try fields.flag("truncate", default: true)
        side = try fields.choice(
            "truncation_direction", ["left": Truncation.Direction.left, "right": .right])
    }

    /// The same as arguments for a tokenizer.
    var arguments: TokenizerArguments {
        var arguments = TokenizerArguments()
        arguments.truncation = truncates ? .cut(.longestFirst) : TokenizerArguments.TruncationRule.none
        arguments.truncationSide = side
        // There is no length but that of the model.
        arguments.cutsToModel = true
        return arguments
    }
}

/// The body of `POST /embed`, `/embed_all` and `/embed_sparse`.
struct EmbedRequest: Sendable {
    let model: String?
    let inputs: EmbeddingInputs
    let truncation: TextEmbeddingsTruncation
    let promptName: String?
    let normalizes: Bool
    let dimensions: Int?

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        inputs = try EmbeddingInputs(fields, "inputs")
        truncation = try TextEmbeddingsTruncation(fields)
        promptName = try fields.string("prompt_name")
        normalizes = try fields.flag("normalize", default: true)
        dimensions = try fields.integer("dimensions", atLeast: 1)
    }

    /// The options of embeddings.
    var options: SentenceSimilarity.Options {
        var options = SentenceSimilarity.Options(truncation, promptName: promptName)
        options.normalizes = normalizes
        options.truncateDim = dimensions
        return options
    }
}

/// The body of `POST /embed_all`.
struct EmbedAllRequest: Sendable {
    let model: String?
    let texts: [String]
    let promptName: String?
    let options: FeatureExtraction.Options

    init(_ fields: RequestFields) throws(ClientError) {
        let asking = try EmbedRequest(fields)
        (model, promptName) = (asking.model, asking.promptName)
        var texts: [String] = []
        for input in asking.inputs.all {
            guard case .text(let text) = input else {
                throw fields.invalid("inputs", "a string or a list of strings here")
            }
            texts.append(text)
        }
        var options = FeatureExtraction.Options()
        options.tokenization = asking.truncation.arguments
        (self.texts, self.options) = (texts, options)
    }
}

extension SentenceOptions {
    /// The options that a request of Text Embeddings Inference has.
    init(_ truncation: TextEmbeddingsTruncation, promptName: String?) {
        self.init()
        (truncates, truncationSide) = (truncation.truncates, truncation.side)
        self.promptName = promptName
    }
}

/// The body of `POST /similarity`.
struct SimilarityRequest: Sendable {
    let model: String?
    let source: String
    let sentences: [String]
    let options: SentenceSimilarity.Options

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        let inputs = try fields.section("inputs")
        source = try inputs.require(inputs.string("source_sentence"), "source_sentence", "a string")
        sentences = try inputs.require(inputs.texts("sentences"), "sentences", "a list of strings")
        guard !sentences.isEmpty else {
            throw ClientError(.emptyInputs, "inputs.sentences is an empty list", parameter: "inputs.sentences")
        }
        let parameters = try fields.section("parameters")
        options = SentenceSimilarity.Options(
            try TextEmbeddingsTruncation(parameters), promptName: try parameters.string("prompt_name"))
    }
}

/// The body of `POST /predict`.
struct PredictRequest: Sendable {
    let model: String?
    let inputs: [TextClassification.Input]
    /// True if the inputs are a list, which is answered by a list.
    let isList: Bool
    let options: TextClassification.Options

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        (inputs, isList) = try Self.inputs(fields)
        var options = TextClassification.Options()
        options.selection = .all
        options.tokenization = try TextEmbeddingsTruncation(fields).arguments
        if try fields.flag("raw_scores") { options.function = TextClassification.ScoreFunction.none }
        self.options = options
    }

    private static let expected = "a string, a pair of strings, or a list of lists of one or two strings"

    /// Two strings are a pair; a list has texts and pairs as lists of their own.
    private static func inputs(
        _ fields: RequestFields
    ) throws(ClientError) -> (inputs: [TextClassification.Input], isList: Bool) {
        let value = try fields.require(fields["inputs"], "inputs", expected)
        if let text = value.string { return ([TextClassification.Input(text)], false) }
        guard let elements = value.array else { throw fields.invalid("inputs", expected) }
        guard !elements.isEmpty else { throw ClientError(.emptyInputs, "inputs is an empty list", parameter: "inputs") }
        if let input = input(value), elements.count == 2 { return ([input], false) }
        var inputs: [TextClassification.Input] = []
        for (index, element) in elements.enumerated() {
            guard let input = input(element) else {
                throw ClientError(
                    .invalidRequest, "inputs[\(index)] has to be a list of one or two strings, not \(element.kind)",
                    parameter: "inputs")
            }
            inputs.append(input)
        }
        return (inputs, true)
    }

    /// A text or a pair of texts; nil for anything else.
    private static func input(_ value: JSONValue) -> TextClassification.Input? {
        if let text = value.string { return TextClassification.Input(text) }
        guard let texts = value.array?.map(\.string), 1...2 ~= texts.count, let first = texts[0] else { return nil }
        guard texts.count == 2 else { return TextClassification.Input(first) }
        return texts[1].map { TextClassification.Input(first, pair: $0) }
    }

    /// The size of the texts.
    var texts: TextSize {
        TextSize(of: inputs.flatMap { [$0.text] + ($0.pair.map { [$0] } ?? []) })
    }
}
