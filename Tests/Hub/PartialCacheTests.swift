import Foundation
import PenstockHub
import Testing

/// Commits of which Python has fetched the weights and not all by which answers change.
@Suite struct PartialCacheTests {
    private let setting: HubSetting
    private let name: String
    private var folder: String { "\(setting.cache)/\(setting.repository)/snapshots/\(setting.hub.commit)" }

    private static let sentenceModel: [String: LoopbackHub.File] = HubSetting.model().merging([
        "config.json": .init(bytes: Array(#"{"architectures":["BertModel"]}"#.utf8)),
        "modules.json": .init(bytes: Array("[]".utf8)), "1_Pooling/config.json": .init(bytes: Array("{}".utf8)),
        "sentence_bert_config.json": .init(bytes: Array("{}".utf8)),
    ]) { $1 }

    /// A model of sentence-transformers in the cache, whole.
    init() async throws {
        setting = try await HubSetting(Self.sentenceModel)
        name = "org/model@\(setting.hub.commit)"
        try await setting.pull(name)
    }

    /// Leaves what `AutoModel` and `AutoTokenizer` fetch, and these files; they do not ask for the others.
    private func leave(_ more: Set<String> = []) throws {
        let files = more.union(["config.json", "tokenizer.json", "model.safetensors"])
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where !files.contains(path) {
            let file = "\(folder)/\(path)"
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue {
                try FileManager.default.removeItem(atPath: file)
            }
        }
        try? FileManager.default.removeItem(atPath: "\(setting.cache)/\(setting.repository)/.no_exist")
    }

    private func list(_ files: [String]) throws {
        let entries = files.map { #""\#($0)":{"size":2,"blob_id":"0"}"# }.joined(separator: ",")
        try setting.write(
            "\(setting.repository)/trees/\(setting.hub.commit).json",
            Array(#"{"format_version":1,"files":{\#(entries)}}"#.utf8))
    }

    private var hasModules: Bool { FileManager.default.fileExists(atPath: "\(folder)/modules.json") }

    /// The Hub is asked once for what the cache does not know, and then it knows.
    @Test func theRestIsFetched() async throws {
        try leave()
        let before = setting.hub.requests.count
        #expect(try await setting.pull(name) == folder)
        #expect(hasModules && FileManager.default.fileExists(atPath: "\(folder)/1_Pooling/config.json"))
        let after = setting.hub.requests.count
        #expect(after > before)
        #expect(try await setting.pull(name) == folder)
        #expect(setting.hub.requests.count == after)
    }

    /// A model without modules costs one question, too.
    @Test func absencesAreNoted() async throws {
        let others = ["modules.json", "1_Pooling/config.json", "sentence_bert_config.json"]
        setting.hub.state.withLock { state in for other in others { state.files[other] = nil } }
        try leave()
        let before = setting.hub.requests.count
        #expect(try await setting.pull(name) == folder)
        #expect(setting.hub.requests.count == before + 1)
        #expect(try await setting.pull(name) == folder)
        #expect(setting.hub.requests.count == before + 1)
        #expect(try await setting.pull(name, settings: setting.settings(isOffline: true)) == folder)
        #expect(setting.progress.notes.isEmpty)
    }

    /// Where it is known that there is a modules.json, nothing is served without it.
    @Test(arguments: ["sentence_bert_config.json", "1_Pooling/config.json", nil] as [String?])
    func modulesThatAreMissingAreAnError(file: String?) async throws {
        try leave(file.map { [$0] } ?? [])
        if file == nil { try list(["config.json", "modules.json", "tokenizer.json", "model.safetensors"]) }
        for reference in [name, "org/model"] {
            try setting.write("\(setting.repository)/refs/main", Array(setting.hub.commit.utf8))
            let error = await setting.failure(reference, settings: try setting.settings(isOffline: true))
            #expect(error?.code == .offline)
            #expect(error?.message.contains("without modules.json") == true)
        }
        await setting.hub.stop()
        let error = await setting.failure(name)
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("without modules.json") == true)
    }

    /// Without a Hub and without a hint the model is taken as it is, and users are told so; not of one with a head.
    @Test func whatIsNotKnownIsTold() async throws {
        try leave()
        let offline = try setting.settings(isOffline: true)
        #expect(try await setting.pull(name, settings: offline) == folder)
        #expect(setting.progress.notes.count == 1)
        #expect(setting.progress.notes.last?.contains("modules.json") == true)
        let config = "\(folder)/config.json"
        try FileManager.default.removeItem(atPath: config)
        try Data(#"{"architectures":["BertForMaskedLM"]}"#.utf8).write(to: URL(filePath: config))
        #expect(try await setting.pull(name, settings: offline) == folder)
        #expect(setting.progress.notes.count == 1)
    }

    /// A list of the commit's files that names no modules.json is an answer; other files that it names are told.
    @Test func listsOfFiles() async throws {
        try leave()
        try list(["config.json", "tokenizer.json", "model.safetensors"])
        let before = setting.hub.requests.count
        #expect(try await setting.pull(name) == folder)
        #expect(setting.hub.requests.count == before)
        #expect(setting.progress.notes.isEmpty)
        try list(["config.json", "generation_config.json", "tokenizer.json", "model.safetensors"])
        #expect(try await setting.pull(name, settings: setting.settings(isOffline: true)) == folder)
        #expect(setting.progress.notes.last?.contains("without generation_config.json") == true)
        // A list that cannot be read says nothing.
        try setting.write("\(setting.repository)/trees/\(setting.hub.commit).json", Array(#"{"files":[]}"#.utf8))
        #expect(try await setting.pull(name) == folder)
        #expect(hasModules)
    }
}
