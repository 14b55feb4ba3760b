import PenstockCheckpoints
import PenstockCompute
import PenstockFiles
import PenstockJSON
import PenstockModels

/// A summary of a checkpoint, known from its configuration and the headers of its files. Facts that cannot be found out
/// are nil or empty, and ``obstacles`` say why.
package struct CheckpointSummary: Sendable {
    /// A tensor by its header.
    package struct TensorEntry: Sendable {
        package let name: String
        /// The form in which its elements are stored, as their format has it: `F32`, `BF16`, `Q4_K`, ….
        package let dtype: String
        /// The extents, slowest first.
        package let shape: [Int]
        package let bytes: Int

        /// The number of its elements.
        package var parameters: Int { shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue } }
    }

    /// The memory that a model takes in a dtype.
    package struct Memory: Sendable {
        package let dtype: DType
        /// Bytes as long as it is loaded, and bytes more while it is loaded with its self-check.
        package let (resident, transient): (Int, Int)
    }

    /// `model_type` in config.json.
    package private(set) var modelType: String?
    /// `architectures` in config.json.
    package private(set) var architectures: [String] = []
    /// The tensors, in the order of their names.
    package private(set) var tensors: [TensorEntry] = []
    /// The task that it was made for, and all that it can do.
    package private(set) var task: String?
    package private(set) var tasks: [String] = []
    /// Tokens of the longest input, of the vocabulary, and numbers of a hidden state.
    package private(set) var limits: ModelLimits?
    /// `tokenizer_class` in tokenizer_config.json, and the file that the vocabulary is read from.
    package private(set) var tokenizerClass: String?
    package private(set) var tokenizerFile: String?
    /// The memory that it takes, in each dtype.
    package private(set) var memory: [Memory] = []
    /// Reasons why some of that is not known, or why it cannot be served.
    package private(set) var obstacles: [String] = []
    private let directory: String

    /// - Parameters:
    ///   - directory: where its files are; those of weights may be no more than headers
    ///   - turns: a processor for which memory is counted
    package init(directory: String, in turns: ComputeTurns) {
        self.directory = directory
        guard let files = noted({ try CheckpointFiles(directory: directory) }) else { return }
        let checkpoint = files.checkpoint
        modelType = checkpoint.config["model_type"]?.string
        architectures = checkpoint.config["architectures"]?.array?.compactMap(\.string) ?? []
        readTokenizer(checkpoint)
        tensors =
            noted { try checkpoint.weights().all }?.map { tensor in
                let stored = tensor.stored
                return TensorEntry(name: tensor.name, dtype: stored.form, shape: tensor.shape, bytes: stored.bytes)
            } ?? []
        guard !tensors.isEmpty, let supported = noted({ try files.supportedTasks(in: turns) }) else { return }
        tasks = supported
        let inferred = try? files.entry(forTask: nil)
        let entry = inferred ?? tasks.first.flatMap { try? TaskRegistry.task(named: $0) }
        task = inferred?.names.first.flatMap { tasks.contains($0) ? $0 : nil }
        guard let entry else { return }
        for dtype in DType.allCases where dtype != .auto {
            guard dtype != .blocks || checkpoint.gguf?.hasBlocks == true else { continue }
            guard let plan = noted({ try Self.plan(files, entry, dtype, turns) }) else { return }
            limits = plan.model.limits
            memory.append(Memory(dtype: dtype, resident: plan.residentBytes, transient: plan.transientBytes))
        }
    }

    private static func plan(
        _ files: CheckpointFiles, _ entry: TaskRegistry.Entry, _ dtype: DType, _ turns: ComputeTurns
    ) throws -> LoadPlan {
        let companions = try files.companions(of: entry, in: turns).map(\.type)
        return try LoadPlan(files, for: [entry.type], besides: companions, LoadOptions(dtype: dtype), in: turns)
    }

    private mutating func readTokenizer(_ checkpoint: Checkpoint) {
        if let gguf = checkpoint.gguf {
            tokenizerFile = FilePath.name(of: gguf.file)
            return
        }
        let known = [
            "tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model",
        ]
        tokenizerFile = known.first { checkpoint.fileSize($0) != nil }
        tokenizerClass = (try? checkpoint.configFile("tokenizer_config.json"))?["tokenizer_class"]?.string
    }

    /// Returns what the body finds out; nil if it fails, which is noted.
    private mutating func noted<Value>(_ body: () throws -> Value) -> Value? {
        do {
            return try body()
        } catch let error as CheckpointError {
            // The folder may be one that is made up, so that only what is below it says something.
            let inside = "\(directory)/"
            note((error.file.hasPrefix(inside) ? "\(error.file.dropFirst(inside.count)): " : "") + error.message)
        } catch let error as PipelineError {
            note(error.message)
        } catch {
            note("\(error)")
        }
        return nil
    }

    private mutating func note(_ message: String) { if !obstacles.contains(message) { obstacles.append(message) } }
}
