import PenstockJSON
import PenstockPipelines

extension FillMask: TensorForm {}

extension TokenClassification: TensorForm {}

extension TextGeneration: TensorForm {}

extension QuestionAnswering: TensorForm {
    static let inputForms = [[InputPart("question"), InputPart("context")]]
}

extension FeatureExtraction: TensorForm {
    static let outputTensors = [
        TensorDescription("embedding", .float32, [-1, -1]), TensorDescription("tokens", .int64),
    ]

    /// A row for each token of all texts, and how many of them each text has.
    static func tensors(
        of outputs: Outputs<Self>, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> [OutputTensor] {
        let all = try all(outputs, in: scope)
        let counts = all.map { $0.values.count / max(1, $0.width) }
        return [
            OutputTensor(
                "embedding", shape: [counts.reduce(0, +), all.first?.width ?? 0], .float32(all.flatMap(\.values))),
            OutputTensor("tokens", shape: [counts.count], .int64(counts)),
        ]
    }
}

// MARK: Labels

extension TensorForm {
    /// The labels of each input with their scores, as many for each.
    fileprivate static func tensors(labels: [[TextClassification.Label]]) -> [OutputTensor] {
        let shape = [labels.count, labels.first?.count ?? 0]
        return [
            OutputTensor("label", shape: shape, .texts(labels.flatMap { $0.map(\.label) })),
            OutputTensor("score", shape: shape, .float32(labels.flatMap { $0.map(\.score) })),
        ]
    }

    fileprivate static var labelTensors: [TensorDescription] {
        [TensorDescription("label", .bytes, [-1, -1]), TensorDescription("score", .float32, [-1, -1])]
    }
}

extension TextClassification: TensorForm {
    static let inputForms = [[InputPart("text")], [InputPart("text"), InputPart("text_pair")]]
    static var outputTensors: [TensorDescription] { labelTensors }

    static func tensors(
        of outputs: Outputs<Self>, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> [OutputTensor] {
        tensors(labels: try all(outputs, in: scope))
    }
}

extension ZeroShotClassification: TensorForm {
    static var outputTensors: [TensorDescription] { labelTensors }

    static func tensors(
        of outputs: Outputs<Self>, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> [OutputTensor] {
        tensors(labels: try all(outputs, in: scope).map(\.labels))
    }
}

extension TextRanking: TensorForm {
    static let inputForms = [[InputPart("query"), InputPart("texts", isList: true)]]
    static let outputTensors = [
        TensorDescription("index", .int64), TensorDescription("score", .float32), TensorDescription("text", .bytes),
    ]

    /// The ranks of the texts, the one that fits best first; the texts themselves if they are asked for.
    static func tensors(
        of outputs: Outputs<Self>, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> [OutputTensor] {
        let scores = try all(outputs, in: scope).joined()
        let shape = [scores.count]
        let ranks = [
            OutputTensor("index", shape: shape, .int64(scores.map(\.index))),
            OutputTensor("score", shape: shape, .float32(scores.map(\.score))),
        ]
        guard options.returnsDocuments else { return ranks }
        return ranks + [OutputTensor("text", shape: shape, .texts(scores.map { $0.text ?? "" }))]
    }
}

// MARK: Embeddings

extension TensorForm where Input == SentenceSimilarity.Input {
    /// A text, or one and those that it is compared with.
    static var inputForms: [[InputPart]] {
        [[InputPart("text")], [InputPart("source_sentence"), InputPart("sentences", isList: true)]]
    }
}

extension SparseEmbeddings: TensorForm {}

extension MultiVectorEmbeddings: TensorForm {}

extension SentenceSimilarity: TensorForm {
    static let outputTensors = [
        TensorDescription("embedding", .float32, [-1, -1]), TensorDescription("similarity", .float32),
    ]

    static func tensorOptions(_ parameters: JSONObject) throws(PipelineError) -> Options {
        let options = try Self.options.parse(parameters)
        guard options.encoding.format == .float else {
            throw PipelineError(
                .invalidParameter, "parameter encoding_format is for JSON; ask for the output with binary_data")
        }
        return options
    }

    /// A row for each text, in the precision that is asked for; or the similarities.
    static func tensors(
        of outputs: Outputs<Self>, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> [OutputTensor] {
        var (rows, scores): ([EmbeddingVector], [Float]) = ([], [])
        for output in try all(outputs, in: scope) {
            switch output {
            case .embedding(let vector): rows.append(vector)
            case .similarities(let similarities): scores += similarities
            }
        }
        guard rows.isEmpty else { return [OutputTensor("embedding", rows: rows)] }
        return [OutputTensor("similarity", shape: [scores.count], .float32(scores))]
    }
}
