import PenstockCheckpoints
import PenstockCompute
import PenstockFiles
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// The files of a checkpoint before anything is loaded: where the transformer's own are, and which task they are for.
package struct CheckpointFiles {
    /// The directory that the user names for the checkpoint; holds modules.json, if any. It may be a GGUF file, too.
    let directory: String
    /// The files of the model itself, which may lie below.
    let checkpoint: Checkpoint
    /// The modules that make embeddings; nil for a checkpoint of `transformers`.
    let modules: SentenceModules?
    /// The tokens whose logits make the score of a cross-encoder; nil for one that has a head for it, and all others.
    private(set) var scoring: TokenScore?
    /// The purpose that the files of sentence-transformers name, if they do.
    let sentenceModel: TaskRegistry.SentenceModel?

    /// - Parameter base: the directory of the model that an adapter in the directory changes; nil for what it names
    package init(directory: String, base: String? = nil) throws {
        self.directory = directory
        let listed = try SentenceModules(directory: directory)
        checkpoint = try Checkpoint(
            directory: listed?.inputDirectory ?? directory, hasConfig: listed?.input != .staticEmbedding, base: base)
        modules = listed ?? checkpoint.gguf.flatMap { SentenceModules($0) }
        let isCrossEncoder = try CrossEncoderSettings.areThere(
            directory: directory, hasModules: modules != nil, checkpoint.config)
        scoring = try LogitScore.tokens(of: modules)
        if scoring != nil {
            sentenceModel = .ranking
        } else if isCrossEncoder || checkpoint.gguf?.pooling == .rank {
            sentenceModel = try checkpoint.config.labelCount() == 1 ? .ranking : .pairClassification
        } else {
            sentenceModel = modules?.purpose
        }
    }

    /// The same files for tasks that are asked for. A model that generates and has no modules ranks texts, if it is
    /// asked to, by the tokens that upstream takes then.
    ///
    /// - Throws: `TokenizerError` for a tokenizer that cannot be read, and ``PipelineError`` for one without the tokens.
    package func asked(for tasks: [any TaskSteps.Type]) throws -> CheckpointFiles {
        guard tasks.contains(where: { $0 == TextRanking.self }), modules == nil, checkpoint.isGenerator else {
            return self
        }
        let tokenizer = try tokenizer()
        func id(_ token: String) throws(PipelineError) -> Int {
            guard let id = tokenizer.id(of: token) else {
                throw PipelineError(
                    .unsupportedTask,
                    "the checkpoint \(name) cannot do text-ranking: without modules.json a score is made of the tokens "
                        + "yes and no, and its vocabulary has no token \(token); save it as a CrossEncoder with the "
                        + "module \(LogitScore.kind)")
            }
            return Int(id)
        }
        var files = self
        files.scoring = TokenScore(yes: try id("yes"), no: try id("no"))
        return files
    }

    /// Returns the readouts that the model has by the headers of its files, and why it has not the rest.
    func heads(in turns: ComputeTurns) throws(CheckpointError) -> [Readout: Result<Void, CheckpointError>] {
        switch modules?.input {
        case nil, .transformer: return try ModelRegistry.heads(of: checkpoint, scoring: scoring, in: turns)
        case .staticEmbedding, .model2vec:
            let missing = CheckpointError(
                .missingTensor, file: checkpoint.directory, "static embeddings have no layers and no heads")
            return Dictionary(
                uniqueKeysWithValues: Readout.allCases.map {
                    ($0, $0 == .hiddenStates ? .success(()) : .failure(missing))
                })
        }
    }

    /// The layers of the model, with a head for each readout, for a target.
    func model(reading readouts: Set<Readout>, for target: LoadTarget) throws(CheckpointError) -> any Model {
        switch modules?.input {
        case nil, .transformer:
            try ModelRegistry.load(checkpoint, readouts: readouts, scoring: scoring, for: target)
        case .staticEmbedding, .model2vec:
            try StaticEmbeddingModel(checkpoint.weights(), readouts: readouts, for: target)
        }
    }

    /// The task of a name, or the one that the checkpoint was made for.
    package func entry(forTask task: String?) throws(PipelineError) -> TaskRegistry.Entry {
        if let task { return try TaskRegistry.task(named: task) }
        if sentenceModel == nil, let task = checkpoint.adapterTask.flatMap({ Self.tasksOfAdapters[$0] }) {
            return try TaskRegistry.task(named: task)
        }
        return try TaskRegistry.inferredTask(
            architectures: checkpoint.config["architectures"]?.array?.compactMap(\.string) ?? [],
            sentenceModel: sentenceModel)
    }

    /// What `peft` calls the tasks that an adapter was trained for.
    private static let tasksOfAdapters = [
        "SEQ_CLS": "text-classification", "TOKEN_CLS": "token-classification", "QUESTION_ANS": "question-answering",
        "FEATURE_EXTRACTION": "feature-extraction",
    ]

    /// The tokenizer. An adapter has that of its base, as in the pipelines of `transformers`, but where the modules of
    /// sentence-transformers lie beside it, it may have its own. A GGUF file has one in it.
    func tokenizer() throws(TokenizerError) -> Tokenizer {
        if let gguf = checkpoint.gguf { return try Tokenizer(gguf: gguf.metadata, file: gguf.file) }
        let hasOwn = modules != nil && (try? Checkpoint.hasFile("tokenizer.json", in: checkpoint.origin)) == true
        return try Tokenizer(directory: hasOwn ? checkpoint.origin : checkpoint.directory)
    }

    /// Begins to make the tokenizer while the weights are read, if reading its files takes little memory beside them.
    ///
    /// - Returns: what waits for it.
    func makeTokenizer() throws(TokenizerError) -> () throws -> Tokenizer {
        guard tokenizerBytes <= Self.mostBytesMeanwhile else {
            let tokenizer = try tokenizer()
            return { tokenizer }
        }
        return MadeMeanwhile(named: "tokenizer") { [self] in try tokenizer() }.get
    }

    /// The largest files of a tokenizer that is made meanwhile. Their documents take some five times their bytes in memory.
    private static let mostBytesMeanwhile = 4 << 20

    /// The last component of the directory's absolute path.
    package var name: String { FilePath.name(of: directory) }
}

extension Checkpoint {
    /// True for a checkpoint of `transformers` that says that it is a model that generates.
    var isGenerator: Bool {
        gguf == nil && config["architectures"]?.array?.first?.string?.hasSuffix("ForCausalLM") == true
    }
}
