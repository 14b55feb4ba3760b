import Foundation
import PenstockCheckpoints
import PenstockJSON
import PenstockModels
import PenstockPipelines
import PenstockTestSupport
import PenstockTokenizers
import Testing

@Suite struct LoadingTests {
    private static func configure(_ directory: TemporaryDirectory, _ key: String, _ value: JSONValue) throws {
        let old = try JSONValue(parsing: try directory.read("config.json")).object ?? JSONObject()
        var object = JSONObject(old.entries.filter { $0.key != key }.map { ($0.key, $0.value) })
        object.append(key, value)
        var writer = JSONWriter()
        writer.value(.object(object))
        try directory.write("config.json", writer.finish())
    }

    // MARK: The task of a checkpoint

    @Test(arguments: [
        ("BertForMaskedLM", "fill-mask"), ("BertForPreTraining", "fill-mask"), ("XLMWithLMHeadModel", "fill-mask"),
        ("BertModel", "feature-extraction"), ("T5EncoderModel", "feature-extraction"),
        ("GPT2DoubleHeadsModel", nil), ("ElectraForPreTraining", nil),
        ("FunnelForPreTraining", nil), ("SplinterForPreTraining", nil), ("EncoderDecoderModel", nil),
        ("BertForNextSentencePrediction", nil), ("Model\u{301}", nil),
    ])
    func architectures(name: String, task: String?) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try Self.configure(directory, "architectures", .array([.string(name)]))
        guard let task else {
            let error = #expect(throws: PipelineError.self) { try JSONPipeline(directory: directory.path, threads: 1) }
            #expect(error?.code == .unsupportedTask)
            #expect(error?.message.hasPrefix("the checkpoint is a \(name), which tells no task") == true)
            return
        }
        #expect(try JSONPipeline(directory: directory.path, threads: 1).task == task)
    }

    /// It would generate, which an encoder cannot.
    @Test func anEncoderTrainedOnNextTokensIsRefused() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try Self.configure(directory, "architectures", .array([.string("BertLMHeadModel")]))
        let error = #expect(throws: PipelineError.self) { try JSONPipeline(directory: directory.path, threads: 1) }
        #expect(error?.code == .unsupportedTask)
        #expect(error?.message.contains("cannot do text-generation") == true)
    }

    @Test(arguments: [
        ("bert-tiny", "fill-mask, feature-extraction"),
        ("bert-encoder", "feature-extraction"),
        ("distilbert-sequence", "feature-extraction, text-classification"),
        ("bert-tokens", "feature-extraction, token-classification"),
        ("span-roberta", "feature-extraction, question-answering"),
        ("st-mean", "feature-extraction, sentence-similarity"),
        ("ranking-distilbert", "feature-extraction, text-classification, text-ranking"),
        ("zero-shot-roberta", "feature-extraction, text-classification, zero-shot-classification"),
        ("zero-shot-camembert", "feature-extraction, text-classification"),
    ])
    func whatACheckpointCannotDoIsRefusedWithWhatItCan(checkpoint: String, supported: String) throws {
        let directory = Fixtures.checkpoint(checkpoint)
        let loaded = try JSONPipeline(directory: directory, threads: 1).loaded
        #expect(loaded.supportedTasks.joined(separator: ", ") == supported)
        // What may be asked for where these can be done, though no file says that it was meant.
        let unlisted = ["zero-shot-classification": "text-classification", "sparse-embeddings": "fill-mask"]
        for task in TaskRegistry.descriptions.compactMap(\.names.first) {
            if loaded.supportedTasks.contains(task) || unlisted[task].map(loaded.supportedTasks.contains) == true {
                _ = try JSONPipeline(directory: directory, task: task, threads: 1)
            } else {
                let error = #expect(throws: PipelineError.self) {
                    try JSONPipeline(directory: directory, task: task, threads: 1)
                }
                #expect(error?.code == .unsupportedTask)
                #expect(error?.message.contains("cannot do \(task): ") == true, "\(String(describing: error))")
                #expect(error?.message.hasSuffix("it can do: \(supported)") == true)
            }
        }
    }

    // MARK: modules.json

    @Test(arguments: [
        #"..\u0301/outside"#, "../outside", "a/../../outside", #"..\/outside"#, #"../\u0301outside"#, "/etc",
        #"/\u0301etc"#, #"1_Pooling\u0000"#, "..",
    ])
    func modulesOutside(path: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("st-mean"))
        let type = "sentence_transformers.models"
        try directory.write(
            "modules.json",
            #"[{"type":"\#(type).Transformer","path":""},{"type":"\#(type).Pooling","path":"\#(path)"}]"#.utf8)
        let error = #expect(throws: CheckpointError.self) { try JSONPipeline(directory: directory.path, threads: 1) }
        // `..` with a mark is a name as any other, of a directory that is not there.
        let message = path.hasPrefix(#"..\u"#) ? "No such file or directory" : "lies outside the checkpoint"
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func modulesThatAreALinkToNowhere() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("st-mean"))
        let path = "\(directory.path)/modules.json"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
        let error = #expect(throws: CheckpointError.self) { try JSONPipeline(directory: directory.path, threads: 1) }
        #expect(error?.file == path && error?.message.contains("symbolic link") == true)
    }

    // MARK: The self-check

    /// A tokenizer with more tokens than the model has embeddings.
    private static func mismatched() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        let tensors = try SafetensorsFile(path: "\(directory.path)/model.safetensors").tensors
        let size = 5
        let entries = try tensors.map { tensor in
            var bytes = [UInt8](repeating: 0, count: tensor.byteCount)
            try bytes.withUnsafeMutableBytes { try tensor.read(at: 0, into: $0) }
            guard let rows = tensor.shape.first, rows == 400 else {
                return Safetensors.Entry(tensor.name, dtype: "F32", shape: tensor.shape, bytes: bytes)
            }
            let shape = [size] + tensor.shape.dropFirst()
            return Safetensors.Entry(
                tensor.name, dtype: "F32", shape: shape, bytes: Array(bytes.prefix(bytes.count / rows * size)))
        }
        try directory.write("model.safetensors", Safetensors.file(entries))
        try configure(directory, "vocab_size", .integer(size))
        return directory
    }

    @Test(arguments: DType.allCases)
    func tokenizersThatAreTooLarge(dtype: DType) async throws {
        let directory = try Self.mismatched()
        let pipeline = try JSONPipeline(
            directory: directory.path, task: "feature-extraction", LoadOptions(dtype: dtype), threads: 1)
        #expect(pipeline.loaded.selfCheck == nil)
        if pipeline.loaded.dtype != .float32 {
            #expect(pipeline.loaded.warnings.first?.contains("cannot be checked: ") == true)
            #expect(pipeline.loaded.warnings.first?.contains("tokenizer and model do not belong together") == true)
        }
        let error = await #expect(throws: PipelineError.self) { try await pipeline.prepare(.string("the cat")) }
        #expect(error?.message.contains("tokenizer and model do not belong together") == true)
    }

    @Test(arguments: [DType.bfloat16, .int8, .int4])
    func withoutSelfCheck(dtype: DType) throws {
        let path = Fixtures.checkpoint("bert-tiny")
        let pipeline = try JSONPipeline(directory: path, LoadOptions(dtype: dtype, checksItself: false), threads: 1)
        #expect(pipeline.loaded.dtype == dtype && pipeline.loaded.selfCheck == nil && pipeline.loaded.warnings.isEmpty)
    }

    @Test func ofTwoErrorsThatOfTheTokenizerIsTold() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("st-mean"))
        let load = { _ = try LoadedModel(directory: directory.path, reading: .hiddenStates, LoadOptions()) }
        try directory.write("model.safetensors", Array("no tensors".utf8))
        #expect(throws: CheckpointError.self) { try load() }
        try directory.write("tokenizer.json", Array("{".utf8))
        #expect(throws: TokenizerError.self) { try load() }
    }
}
