import PenstockCheckpoints
import PenstockJSON
import PenstockModels

/// How a sentence-transformers checkpoint wants its texts prepared.
struct SentenceConfiguration: Sendable {
    /// Longer texts are cut to so many tokens.
    let maxSequenceLength: Int
    let lowercases: Bool
    /// Texts put before a sentence, by name.
    let prompts: [String: String]
    let defaultPrompt: String?
    let similarity: Similarity

    /// sentence_bert_config.json under the names that it had for older transformers.
    private static let transformerFiles =
        ["sentence_bert_config.json"]
        + ["roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"].map { "sentence_\($0)_config.json" }

    init(_ resources: TaskResources) throws {
        var transformer: ConfigFile?
        for name in Self.transformerFiles where transformer == nil {
            transformer = try resources.checkpoint.configFile(name)
        }
        let longest = resources.limits.tokens
        let fallback = min(longest, resources.tokenizer.configuration.modelMaxLength ?? longest)
        maxSequenceLength = min(longest, try transformer?.limit("max_seq_length", default: fallback) ?? fallback)
        lowercases = try transformer?.flag("do_lower_case", default: false) ?? false

        let file = try Checkpoint.configFile("config_sentence_transformers.json", in: resources.directory)
        var prompts: [String: String] = [:]
        for entry in file?["prompts"]?.object?.entries ?? [] { prompts[entry.key] = entry.value.string }
        self.prompts = prompts
        let name = try file?.string("similarity_fn_name") ?? Similarity.cosine.rawValue
        guard let similarity = Similarity(rawValue: name) else {
            let known = Similarity.allCases.map(\.rawValue).joined(separator: ", ")
            throw PipelineError(
                .unsupportedTask, "the similarity_fn_name \(name) is not supported; known are: \(known)")
        }
        self.similarity = similarity
        defaultPrompt = try file?.string("default_prompt_name").flatMap { prompts[$0] }
    }
}

/// How alike two embeddings are: the higher the more.
enum Similarity: String, Sendable, CaseIterable {
    case cosine
    case dot
    case euclidean
    case manhattan

    func score(_ a: [Float], _ b: [Float]) -> Float {
        let pairs = zip(a, b)
        func sum(_ term: (Float, Float) -> Double) -> Double { pairs.reduce(0) { $0 + term($1.0, $1.1) } }
        let product = sum { Double($0) * Double($1) }
        switch self {
        case .dot: return Float(product)
        case .cosine: return Float(product / (Embeddings.norm(a) * Embeddings.norm(b)))
        case .euclidean: return -Float(sum { (Double($0) - Double($1)) * (Double($0) - Double($1)) }.squareRoot())
        case .manhattan: return -Float(sum { abs(Double($0) - Double($1)) })
        }
    }
}

/// Vectors and their lengths.
enum Embeddings {
    /// Lengths below this count as this (`torch.nn.functional.normalize`).
    private static let smallestNorm = 1e-12

    static func norm(_ vector: [Float]) -> Double {
        max(smallestNorm, vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
    }

    /// The vector of length 1 in the same direction.
    static func normalized(_ vector: [Float]) -> [Float] {
        let norm = Float(norm(vector))
        return vector.map { $0 / norm }
    }
}
