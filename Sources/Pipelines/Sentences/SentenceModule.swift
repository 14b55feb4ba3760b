import PenstockCheckpoints
import PenstockCompute
import PenstockModels

/// A step from the hidden states of a text's tokens to its embedding.
protocol SentenceModule: Sendable {
    /// The name of the feature that it reads.
    var inputName: String { get }
    /// The name of the feature that it writes.
    var outputName: String { get }
    /// True if it does nothing where there is no feature to read, instead of failing.
    var isOptional: Bool { get }
    /// The features that it takes, in the words of an error message.
    var takes: String { get }

    /// The shape of what it makes of a feature of this shape; nil if it cannot take one.
    func shape(of input: SentenceFeature.Shape) -> SentenceFeature.Shape?

    /// Makes a feature of one whose shape it takes.
    ///
    /// - Throws: ``PipelineError`` if there is no memory for it.
    func apply(
        to feature: SentenceFeature, of text: inout SentenceText, on cpu: CPU
    ) throws(PipelineError) -> SentenceFeature
}

extension SentenceModule {
    var inputName: String { SentenceFeature.sentenceEmbedding }
    var outputName: String { inputName }
    var isOptional: Bool { false }
    var takes: String { "any vectors" }
    func shape(of input: SentenceFeature.Shape) -> SentenceFeature.Shape? { input }
}

/// The facts that modules know of the text that an embedding is made for.
struct SentenceText: Sendable {
    /// The ids of its tokens.
    var ids: [Int32] = []
    /// The tokens of the prompt, at the beginning.
    var promptTokens = 0
    /// The sum of the weights that the tokens were multiplied by; nil if they were not (`token_weights_sum`).
    var weightSum: Float?
    /// True if the embedding gets length 1; nil for what the checkpoint says.
    var normalizes: Bool?
    /// The count of numbers of the embedding that are kept, before it gets length 1 for a request; nil for all.
    var dimensions: Int?
}

/// The modules that can stand behind the first.
enum SentenceModuleRegistry {
    /// Reads a module's files in its directory.
    typealias Loader = @Sendable (_ directory: String, LoadTarget) throws(CheckpointError) -> any SentenceModule

    /// By the name of their class, the last part of `type` in modules.json.
    static let loaders: KeyValuePairs<String, Loader> = [
        "Dense": { (directory, target) throws(CheckpointError) in
            try Dense(Checkpoint(directory: directory), for: target)
        },
        "Dropout": { (directory, _) throws(CheckpointError) in
            try SentenceDropout(Checkpoint.configFile("config.json", in: directory))
        },
        "LayerNorm": { (directory, target) throws(CheckpointError) in
            try SentenceLayerNorm(Checkpoint(directory: directory), for: target)
        },
        "Normalize": { (directory, _) throws(CheckpointError) in
            try Normalize(Checkpoint.configFile("config.json", in: directory))
        },
        "Pooling": { (directory, _) throws(CheckpointError) in
            try Pooling(ConfigFile(path: "\(directory)/config.json"))
        },
        "WordWeights": { (directory, target) throws(CheckpointError) in
            try WordWeights(ConfigFile(path: "\(directory)/config.json"), for: target)
        },
    ]

    /// Loads a module.
    static func module(
        _ entry: SentenceModules.Entry, for target: LoadTarget
    ) throws(CheckpointError) -> any SentenceModule {
        if let module = entry.module { return module }
        guard let load = loaders.first(where: { $0.key == entry.kind })?.value else {
            throw CheckpointError(
                .invalidConfiguration, file: entry.directory,
                "the module \(entry.kind) is not supported; supported are: \(names)")
        }
        return try load(entry.directory, target)
    }

    /// The names of all, as a list for messages.
    static var names: String { loaders.map(\.key).joined(separator: ", ") }
}
