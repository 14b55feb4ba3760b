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
        maxSequenceLength = min(longest, try transformer?.maxSequenceLength(fallback) ?? fallback)
        lowercases = try transformer?.flag("do_lower_case", default: false) ?? false

        let file = try Checkpoint.configFile("config_sentence_transformers.json", in: resources.directory)
        var prompts = ["query": "", "document": ""]
        for entry in file?["prompts"]?.object?.entries ?? [] {
            guard let prompt = entry.value.isNull ? "" : entry.value.string else {
                throw PipelineError(.unsupportedTask, "the prompt \(entry.key.excerpt) of the checkpoint is no text")
            }
            prompts[entry.key] = prompt
        }
        self.prompts = prompts
        // As upstream, a name that says nothing is none.
        similarity = try file?.string("similarity_fn_name").flatMap(Similarity.init) ?? .cosine
        defaultPrompt = try file?.string("default_prompt_name").map { (name) throws(PipelineError) in
            guard let prompt = prompts[name] else {
                let known = prompts.keys.sorted().joined(separator: ", ")
                throw PipelineError(
                    .unsupportedTask,
                    "the default_prompt_name \(name.excerpt) of the checkpoint is none of its prompts: \(known)")
            }
            return prompt
        }
    }
}

extension ConfigFile {
    /// How long sentence_bert_config.json lets sequences be: by the arguments of each call, by those that make the tokenizer,
    /// which old files call tokenizer_args, or by its own field.
    fileprivate func maxSequenceLength(_ fallback: Int) throws(CheckpointError) -> Int {
        let paths = [
            ["processing_kwargs", "text", "max_length"], ["processing_kwargs", "common", "max_length"],
            ["processor_kwargs", "model_max_length"], ["tokenizer_args", "model_max_length"],
        ]
        for path in paths {
            let value = path.dropFirst().reduce(self[path[0]]) { $0?.object?[$1] }
            guard let value, !value.isNull else { continue }
            guard let length = value.integer, length > 0 else {
                throw invalid(path.joined(separator: "."), value, "a number of tokens")
            }
            return length
        }
        return try limit("max_seq_length", default: fallback)
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
