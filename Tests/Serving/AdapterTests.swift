import Foundation
import PenstockCheckpoints
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Adapters of `peft` as models: their answers, their tasks, where their base is, and their memory.
@Suite struct AdapterTests {
    private static let baseNames = [
        "lora-features": "bert-encoder", "lora-sequence": "bert-tiny", "lora-masked": "bert-f16",
        "lora-gte-masked": "gte-masked", "lora-gte-sequence": "gte-sequence",
        "lora-nomic-features": "nomic-encoder", "lora-nomic-sequence": "nomic-sequence",
    ]

    @Test(arguments: baseNames.keys.sorted())
    func answersLikeTheReference(adapter: String) async throws {
        let folder = Fixtures.path("adapters/\(adapter)")
        var options = LoadOptions()
        options.adapterBase = Fixtures.checkpoint(try #require(Self.baseNames[adapter]))
        let cases = try #require(try Fixtures.json("\(folder)/golden.json")["cases"]?.array).dropFirst()
        let task = try #require(cases.first?["task"]?.string)
        let pipeline = try JSONPipeline(directory: folder, options)
        #expect(pipeline.task == task)
        let worker = try ServedModel(pipeline, .patient())
        for golden in cases where golden["output"] != nil {
            let (inputs, parameters) = (try #require(golden["inputs"]), golden["parameters"]?.object ?? JSONObject())
            let answer = try JSONValue(parsing: try await worker.answer(inputs, parameters: parameters))
            let difference = answer.difference(
                from: try #require(golden["output"]), relative: 2e-5, absolute: 1e-5)
            #expect(difference == nil, "\(inputs)")
        }
    }

    /// The base is what adapter_config.json names, as a path; or the model beside the adapter.
    @Test func bases() throws {
        let adapter = try TemporaryDirectory(copyOf: Fixtures.path("adapters/lora-features"))
        let missing = #expect(throws: CheckpointError.self) { try Checkpoint(directory: adapter.path) }
        #expect(missing?.message.contains("\"bert-encoder\", which is no directory here") == true)

        let config = String(decoding: try adapter.read("adapter_config.json"), as: UTF8.self)
        let base = Fixtures.checkpoint("bert-encoder")
        try adapter.write(
            "adapter_config.json", config.replacing("\"bert-encoder\"", with: "\"\(base)\"").utf8)
        let checkpoint = try Checkpoint(directory: adapter.path)
        #expect(checkpoint.directory == base && checkpoint.origin == adapter.path)

        let together = try TemporaryDirectory(copyOf: base)
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            try together.write(name, adapter.read(name))
        }
        #expect(try Checkpoint(directory: together.path).directory == together.path)
    }

    /// A model that is confined to a directory reads nothing outside of it: neither by links nor by a base that an
    /// adapter in a module of sentence-transformers names.
    @Test func confinedModelsReadNothingElse() throws {
        let root = try TemporaryDirectory()
        let outside = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-encoder"))
        let manager = FileManager.default
        let (plain, linked, adapted) = ("\(root.path)/plain", "\(root.path)/linked", "\(root.path)/adapted")
        for directory in [plain, linked, adapted] {
            try manager.copyItem(atPath: Fixtures.checkpoint("bert-encoder"), toPath: directory)
        }
        let weights = try #require(try manager.contentsOfDirectory(atPath: linked).first { $0.contains("model.") })
        try manager.removeItem(atPath: "\(linked)/\(weights)")
        try manager.createSymbolicLink(
            atPath: "\(linked)/\(weights)", withDestinationPath: "\(outside.path)/\(weights)")
        try manager.createDirectory(atPath: "\(adapted)/module", withIntermediateDirectories: true)
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            try manager.copyItem(
                atPath: Fixtures.path("adapters/lora-features/\(name)"), toPath: "\(adapted)/module/\(name)")
        }
        func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }
        let settings = "\(adapted)/module/adapter_config.json"
        let config = String(decoding: try Fixtures.bytes(atPath: settings), as: UTF8.self)
        try write(config.replacing("\"bert-encoder\"", with: "\"\(outside.path)\""), to: settings)
        try write(
            #"[{"idx": 0, "name": "0", "path": "module", "type": "sentence_transformers.models.Transformer"}]"#,
            to: "\(adapted)/modules.json")

        let scheduler = try Scheduler(threads: 1)
        func load(_ directory: String, confined: Bool) throws {
            var source = ModelSource(directory: directory, task: "feature-extraction", serving: .patient())
            if confined { source.confinement = root.path }
            _ = try source.load(on: scheduler)
        }
        for directory in [plain, linked] { try load(directory, confined: false) }
        try load(plain, confined: true)
        for directory in [linked, adapted] {
            let error = #expect(throws: CheckpointError.self) { try load(directory, confined: true) }
            #expect(error?.message.contains("leads out of") == true, "\(directory)")
        }
    }

    /// The factors are in the memory while the model is loaded, and no longer.
    @Test func memory() throws {
        let (adapter, base) = (Fixtures.path("adapters/lora-features"), Fixtures.checkpoint("bert-encoder"))
        let turns = makeTurns(threads: 1)
        func plan(_ files: CheckpointFiles) throws -> LoadPlan {
            try LoadPlan(files, for: [files.entry(forTask: "feature-extraction").type], LoadOptions(), in: turns)
        }
        let alone = try plan(CheckpointFiles(directory: base))
        let adapted = try plan(CheckpointFiles(directory: adapter, base: base))
        #expect(adapted.residentBytes == alone.residentBytes)
        #expect(alone.transientBytes == 0 && adapted.transientBytes == 6912)
    }
}
