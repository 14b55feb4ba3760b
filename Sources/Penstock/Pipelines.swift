import PenstockPipelines
import PenstockServing

/// The likeliest tokens for the masks of texts.
public typealias FillMaskPipeline = Pipeline<FillMask>
/// The last hidden states of the tokens of texts.
public typealias FeatureExtractionPipeline = Pipeline<FeatureExtraction>
/// Embeddings of sentences, and how alike they are.
public typealias SentenceSimilarityPipeline = Pipeline<SentenceSimilarity>
/// Sparse embeddings of sentences, and how alike they are.
public typealias SparseEmbeddingsPipeline = Pipeline<SparseEmbeddings>
/// A vector for each token of sentences, and how alike sentences are by them.
public typealias MultiVectorEmbeddingsPipeline = Pipeline<MultiVectorEmbeddings>
/// A pipeline that tells how well labels fit texts.
public typealias TextClassificationPipeline = Pipeline<TextClassification>
/// The labels of the tokens of texts, or of the entities that they form.
public typealias TokenClassificationPipeline = Pipeline<TokenClassification>
/// The parts of contexts that answer questions.
public typealias QuestionAnsweringPipeline = Pipeline<QuestionAnswering>
/// A pipeline that tells how well texts answer a query.
public typealias TextRankingPipeline = Pipeline<TextRanking>
/// Texts that go on where prompts end.
public typealias TextGenerationPipeline = Pipeline<TextGeneration>
/// A pipeline that tells how well labels that a request brings fit texts.
public typealias ZeroShotClassificationPipeline = Pipeline<ZeroShotClassification>

extension FillMask: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<FillMask>()
}

extension FeatureExtraction: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<FeatureExtraction>()
}

extension SentenceSimilarity: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<SentenceSimilarity>()
}

extension SparseEmbeddings: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<SparseEmbeddings>()
}

extension MultiVectorEmbeddings: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<MultiVectorEmbeddings>()
}

extension TextClassification: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<TextClassification>()
}

extension TokenClassification: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<TokenClassification>()
}

extension TextRanking: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<TextRanking>()
}

extension ZeroShotClassification: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<ZeroShotClassification>()
}

extension QuestionAnswering: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<QuestionAnswering>()
}

extension TextGeneration: LibraryTask {
    /// Its steps.
    public static let support = TaskSupport<TextGeneration>()
}
