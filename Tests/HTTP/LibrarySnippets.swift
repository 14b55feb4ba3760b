import Penstock

func pipeline<Task: LibraryTask>(for task: Task.Type, from directory: String) async throws -> Pipeline<Task> {
    var serving = ServingConfiguration()
    serving.requestTimeout = .seconds(3600)
    return try await Pipeline(directory: directory, serving: serving)
}

func fillMask(_ pipeline: FillMaskPipeline) async throws -> [FillMask.Candidate] {
    var options = FillMask.Options()
    options.topK = 1
    let masks = try await pipeline("The cat sat on the [MASK].", options)
    return masks[0]  // score, token, tokenText and sequence of each candidate for the first mask
}

func classify(_ pipeline: TextClassificationPipeline) async throws -> [TextClassification.Label] {
    var options = TextClassification.Options()
    options.selection = .all
    return try await pipeline("The cat sat on the mat.", options)  // label and score, the best first
}

func chooseLabel(_ pipeline: ZeroShotClassificationPipeline) async throws -> [String] {
    let options = ZeroShotClassification.Options(candidateLabels: ["animals", "politics"])
    let answers = try await pipeline(["The cat sat on the mat."], options)
    return answers[0].labels.map(\.label)
}

func answer(_ pipeline: QuestionAnsweringPipeline) async throws -> String? {
    let context = "The small cat, which never sat on a mat before, ran to Paris with the happy dogs of that school."
    let answers = try await pipeline(QuestionAnswering.Input(question: "Is it good?", context: context))
    return answers.first?.answer  // beside its score and its range in the context
}

func findEntities(_ pipeline: TokenClassificationPipeline) async throws -> [TokenClassification.Entity] {
    var options = TokenClassification.Options()
    options.aggregation = .simple
    return try await pipeline("The cats sat in Paris!", options)  // label, score, word and range of each
}

func extractFeatures(_ pipeline: FeatureExtractionPipeline) async throws -> [ArraySlice<Float>] {
    let states = try await pipeline("The cat sat.")
    return stride(from: 0, to: states.values.count, by: states.width).map { states.values[$0..<$0 + states.width] }
}

func embed(_ pipeline: SentenceSimilarityPipeline) async throws -> [Float] {
    var options = SentenceSimilarity.Options()
    options.normalizes = true
    guard case .embedding(.float32(let numbers)) = try await pipeline(.text("The cat sat on the mat!"), options)
    else { return [] }
    return numbers
}

func compare(_ pipeline: SentenceSimilarityPipeline) async throws -> [Float] {
    let sentences = ["hello world", "The cat sat on the mat!"]
    guard
        case .similarities(let scores) = try await pipeline(
            .comparison(source: "The cat sat on the mat!", sentences: sentences))
    else { return [] }
    return scores
}

func embedSparsely(_ pipeline: SparseEmbeddingsPipeline) async throws -> [SparseVector.Element] {
    guard case .embedding(let vector) = try await pipeline(.text("hello world")) else { return [] }
    return vector.elements  // index and value of each token of the vocabulary that has a weight
}

func compareTokens(_ pipeline: MultiVectorEmbeddingsPipeline) async throws -> [Float] {
    let documents = ["hello world", "The cat sat on the mat!"]
    guard
        case .similarities(let scores) = try await pipeline(
            .comparison(source: "The cat sat on the mat!", sentences: documents))
    else { return [] }
    return scores
}

func rank(_ pipeline: TextRankingPipeline) async throws -> [TextRanking.Score] {
    var options = TextRanking.Options()
    options.returnsDocuments = true
    let texts = ["The cat sat on the mat.", "never before was it so", "Is it good?"]
    return try await pipeline(TextRanking.Input(query: "Is it good?", texts: texts), options)  // the best first
}

func generate(_ pipeline: TextGenerationPipeline) async throws -> String {
    var options = TextGeneration.Options()
    options.generation.maxNewTokens = 4
    options.generation.doSample = false
    options.returnFullText = false
    let texts = try await pipeline("The cat sat on", options)
    return texts[0].text
}

func generatePiecewise(_ pipeline: TextGenerationPipeline) async throws -> String {
    var options = TextGeneration.Options()
    options.generation.maxNewTokens = 4
    options.generation.doSample = false
    var text = ""
    for try await piece in pipeline.stream("The cat sat on", options) { text += piece.text }
    return text
}

func answer(_ pipeline: TextGenerationPipeline) async throws -> [ChatMessage] {
    var options = TextGeneration.Options()
    options.generation.maxNewTokens = 4
    let chat = [
        ChatMessage(role: "system", content: "You answer in one sentence."),
        ChatMessage(role: "user", content: "What is a penstock?"),
    ]
    return try await pipeline(chat, options)[0].chat ?? []  // the chat with the assistant's message
}

func bestTokens(_ lines: AsyncStream<String>, _ pipeline: FillMaskPipeline) async throws -> [String] {
    var best: [String] = []
    for try await masks in pipeline(lines) { best.append(masks[0][0].tokenText) }
    return best
}

func masksAndFeatures(from directory: String) async throws -> (FillMaskPipeline, FeatureExtractionPipeline) {
    var loading = LoadOptions(dtype: .auto)
    loading.maxInputTokens = 32
    let model = try await ServedModel.load(
        directory: directory, for: [FillMask.self, FeatureExtraction.self], loading: loading)
    return try await (model.pipeline(for: FillMask.self), model.pipeline(for: FeatureExtraction.self))
}
