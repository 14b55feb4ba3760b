import Foundation
import PenstockHub
import Testing

/// A download as a whole, from a Hub on this machine into a cache of huggingface_hub's layout.
@Suite struct DownloadTests {
    @Test func layout() async throws {
        let setting = try await HubSetting()
        let folder = try await setting.pull()
        let (repository, commit) = (setting.repository, setting.hub.commit)
        #expect(folder == "\(setting.cache)/\(repository)/snapshots/\(commit)")
        #expect(
            setting.names("\(repository)/snapshots/\(commit)") == [
                "config.json", "model.safetensors", "tokenizer.json",
            ])
        #expect(setting.bytes("\(repository)/refs/main") == Array(commit.utf8))
        for (name, file) in HubSetting.model() where !["README.md", "pytorch_model.bin"].contains(name) {
            #expect(setting.bytes("\(repository)/blobs/\(file.etag)") == file.bytes)
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
                    == "../../blobs/\(file.etag)")
            #expect(setting.names(".locks/\(repository)").contains("\(file.etag).lock"))
        }
        #expect(setting.names("\(repository)/blobs").count == 3)
        #expect(setting.names("\(repository)/.no_exist/\(commit)").contains("adapter_config.json"))
        #expect(!setting.names("\(repository)/.no_exist/\(commit)").contains("config.json"))
        #expect(setting.names("").contains("CACHEDIR.TAG"))
    }

    /// What is here is not fetched again: of a branch the Hub is asked for the commit, of a commit nothing.
    @Test func secondTime() async throws {
        let setting = try await HubSetting()
        let folder = try await setting.pull()
        let before = setting.hub.requests.count
        #expect(try await setting.pull() == folder)
        #expect(setting.hub.requests.count == before + 1)
        #expect(try await setting.pull("org/model@\(setting.hub.commit)") == folder)
        #expect(setting.hub.requests.count == before + 1)
    }

    /// Of a commit that Python left without a tokenizer the rest is fetched; without a Hub it is taken as it is.
    @Test func commitWithoutTokenizer() async throws {
        let setting = try await HubSetting()
        let folder = try await setting.pull()
        let name = "org/model@\(setting.hub.commit)"
        try FileManager.default.removeItem(atPath: "\(folder)/tokenizer.json")
        #expect(try await setting.pull(name, settings: setting.settings(isOffline: true)) == folder)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/tokenizer.json"))
        #expect(try await setting.pull(name) == folder)
        #expect(FileManager.default.fileExists(atPath: "\(folder)/tokenizer.json"))
    }

    /// Of a commit that is here nobody is asked, unless sizes are to be compared: what was cut off is fetched again.
    @Test func commitThatWasCutOff() async throws {
        let setting = try await HubSetting()
        let folder = try await setting.pull()
        let name = "org/model@\(setting.hub.commit)"
        let weights = try #require(HubSetting.model()["model.safetensors"])
        let blob = "\(setting.repository)/blobs/\(weights.etag)"
        try setting.write(blob, Array(weights.bytes.dropLast(10)))
        let offline = try setting.settings(isOffline: true)
        #expect(try await setting.pull(name) == folder)
        #expect(try await setting.pull(name, settings: offline, comparesSizes: true) == folder)
        #expect(setting.bytes(blob)?.count == weights.bytes.count - 10)
        #expect(try await setting.pull(name, comparesSizes: true) == folder)
        #expect(setting.bytes(blob) == weights.bytes)
        // Without a Hub it is taken as it is.
        await setting.hub.stop()
        #expect(try await setting.pull(name, comparesSizes: true) == folder)
    }

    @Test func newCommit() async throws {
        let setting = try await HubSetting()
        let old = try await setting.pull()
        setting.hub.state.withLock {
            $0.commit = String(repeating: "1", count: 40)
            $0.files["config.json"] = .init(bytes: Array("{ }".utf8))
        }
        let new = try await setting.pull()
        #expect(new != old)
        #expect(FileManager.default.fileExists(atPath: "\(old)/config.json"))
        // The weights are the same blob, which is linked and not fetched.
        #expect(setting.names("\(setting.repository)/blobs").count == 4)
        #expect(setting.bytes("\(setting.repository)/refs/main") == Array(setting.hub.commit.utf8))
    }

    @Test func shardsAndModules() async throws {
        let index = #"{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#
        let setting = try await HubSetting([
            "config.json": .init(bytes: Array("{}".utf8)), "modules.json": .init(bytes: Array("[]".utf8)),
            "model.safetensors.index.json": .init(bytes: Array(index.utf8)),
            "model-00001-of-00002.safetensors": .init(bytes: HubSetting.noise(9000), isLarge: true),
            "model-00002-of-00002.safetensors": .init(bytes: HubSetting.noise(20_000), isLarge: true),
            "1_Pooling/config.json": .init(bytes: Array("{}".utf8)),
            "2_Dense/model.safetensors": .init(bytes: HubSetting.noise(10), isLarge: true),
            "2_Dense/config.json": .init(bytes: Array("{\"in\":1}".utf8)), "onnx/model.onnx": .init(bytes: [1]),
        ])
        let folder = try await setting.pull()
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        #expect(
            files == [
                "1_Pooling", "1_Pooling/config.json", "2_Dense", "2_Dense/config.json", "2_Dense/model.safetensors",
                "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                "model.safetensors.index.json", "modules.json",
            ])
        // A link of a folder leads up one more.
        #expect(try Data(contentsOf: URL(filePath: "\(folder)/2_Dense/model.safetensors")).count == 10)
    }

    /// The token is for the Hub, and for nobody whom it sends us to.
    @Test func tokensStayWithTheHub() async throws {
        let setting = try await HubSetting()
        try await setting.pull(settings: setting.settings(token: "hf_secret"))
        let blobs = setting.hub.requests(.blob("model.safetensors"))
        #expect(!blobs.isEmpty)
        #expect(blobs.allSatisfy { $0.authorization == nil })
        let others = setting.hub.requests.filter { $0.authorization != "Bearer hf_secret" }
        #expect(others.count == blobs.count)
        #expect(setting.progress.events.allSatisfy { !"\($0)".contains("hf_secret") })
    }

    @Test func largeFilesComeInParts() async throws {
        let setting = try await HubSetting()
        try await setting.pull()
        let ranges = setting.hub.requests(.blob("model.safetensors")).compactMap(\.range?.first)
        #expect(ranges.sorted() == Array(stride(from: 0, to: 50_000, by: 4096)))
        #expect(ranges.first == 0)
    }

    /// What Python or an earlier run left is gone on with.
    @Test(arguments: [1, 4096, 30_000, 49_999, 50_000])
    func resumption(present: Int) async throws {
        let setting = try await HubSetting()
        let weights = try #require(HubSetting.model()["model.safetensors"])
        try setting.write(
            "\(setting.repository)/blobs/\(weights.etag).incomplete", Array(weights.bytes.prefix(present)))
        let folder = try await setting.pull()
        #expect([UInt8](try Data(contentsOf: URL(filePath: "\(folder)/model.safetensors"))) == weights.bytes)
        let asked = setting.hub.requests(.blob("model.safetensors")).compactMap(\.range?.first)
        #expect(asked.allSatisfy { $0 >= present })
        #expect(setting.names("\(setting.repository)/blobs").allSatisfy { !$0.hasSuffix(".incomplete") })
    }

    @Test func rottenRemainsAreSeen() async throws {
        let setting = try await HubSetting()
        let weights = try #require(HubSetting.model()["model.safetensors"])
        try setting.write(
            "\(setting.repository)/blobs/\(weights.etag).incomplete", [UInt8](repeating: 0, count: 40_000))
        let folder = try await setting.pull()
        #expect([UInt8](try Data(contentsOf: URL(filePath: "\(folder)/model.safetensors"))) == weights.bytes)
        let path = try #require(RepositoryPath("model.safetensors"))
        #expect(setting.progress.events.contains(.restarted(path)))
    }

    /// What another program or a disk has cut is fetched again, be it behind a link or in its place.
    @Test(arguments: [true, false]) func cutFiles(usesLinks: Bool) async throws {
        let setting = try await HubSetting()
        let settings = try setting.settings { $0.usesLinks = usesLinks }
        let folder = try await setting.pull(settings: settings)
        let weights = URL(filePath: "\(folder)/model.safetensors").resolvingSymlinksInPath()
        try Data([1, 2, 3]).write(to: weights)
        #expect(try await setting.pull(settings: settings) == folder)
        #expect(
            try Data(contentsOf: URL(filePath: "\(folder)/model.safetensors"))
                == Data(HubSetting.model()["model.safetensors"]?.bytes ?? []))
    }

    /// Where the weights of the model are, all else is: they alone tell whether a commit is in the cache.
    @Test func weightsComeLast() async throws {
        var files = HubSetting.model()
        files["modules.json"] = .init(bytes: Array("[]".utf8))
        files["2_Dense/model.safetensors"] = .init(bytes: HubSetting.noise(10), isLarge: true)
        files["2_Dense/config.json"] = .init(bytes: Array("{\"in\":1}".utf8))
        let setting = try await HubSetting(files)
        setting.hub.spoil(.blob("2_Dense/model.safetensors"), times: 99) { _ in LoopbackReply(status: 503) }
        let commit = "org/model@\(setting.hub.commit)"
        #expect(await setting.failure(commit)?.code == .unreachable)
        #expect(setting.hub.count(.blob("model.safetensors")) == 0)
        #expect(await setting.failure(commit, settings: try setting.settings(isOffline: true))?.code == .offline)
    }

    /// A mirror with its store on the host of the Hub names it by a whole address.
    @Test func storesOnTheSameHost() async throws {
        let setting = try await HubSetting()
        setting.hub.state.withLock { $0.storesOnHub = true }
        let folder = try await setting.pull(settings: setting.settings(token: "hf_secret"))
        #expect(
            try Data(contentsOf: URL(filePath: "\(folder)/model.safetensors"))
                == Data(HubSetting.model()["model.safetensors"]?.bytes ?? []))
    }

    /// Who waits for another process neither waits for ever nor takes a part for the whole if the cache is removed.
    @Test func cachesThatAreRemovedMeanwhile() async throws {
        let setting = try await HubSetting()
        let weights = try #require(HubSetting.model()["model.safetensors"])
        let path = try #require(RepositoryPath("model.safetensors"))
        let lock = ".locks/\(setting.repository)/\(weights.etag).lock"
        try setting.write(lock, [])
        guard case .taken(let held) = try FileLock.tryLock("\(setting.cache)/\(lock)") else {
            Issue.record("the lock is not to be had")
            return
        }
        async let failure = setting.failure()
        while !setting.progress.events.contains(.waiting(path)) { await Task.yield() }
        // Under another name it is gone at once.
        let away = "\(setting.cache)-away"
        try FileManager.default.moveItem(atPath: setting.cache, toPath: away)
        #expect(await failure?.code == .unusableCache)
        withExtendedLifetime(held) {}
        #expect(setting.names("\(setting.repository)/refs").isEmpty)
        try await setting.pull()
    }

    @Test func namesThatAreListedTwice() async throws {
        let setting = try await HubSetting()
        setting.hub.state.withLock { $0.listedBesides = ["config.json", "model.safetensors"] }
        try await setting.pull()
        #expect(setting.hub.count(.head("config.json")) == 1)
        #expect(setting.progress.events.count { if case .finished = $0 { true } else { false } } == 3)
    }

    /// Two at once fetch each blob once.
    @Test func company() async throws {
        let setting = try await HubSetting()
        async let one = setting.pull()
        async let other = setting.pull()
        let folders = try await [one, other]
        #expect(folders[0] == folders[1])
        let ranges = setting.hub.requests(.blob("model.safetensors")).compactMap(\.range?.first)
        #expect(ranges.count == Set(ranges).count)
        #expect(setting.names("\(setting.repository)/blobs").count == 3)
    }

    @Test func copiesWhereThereAreNoLinks() async throws {
        let setting = try await HubSetting()
        let folder = try await setting.pull(settings: setting.settings { $0.usesLinks = false })
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/config.json")
        #expect(attributes[.type] as? FileAttributeType == .typeRegular)
        #expect(setting.names("\(setting.repository)/blobs").isEmpty)
        #expect(try await setting.pull(settings: setting.settings(isOffline: true)) == folder)
    }

    @Test func ggufs() async throws {
        let setting = try await HubSetting([
            "m-Q8_0.gguf": .init(bytes: HubSetting.noise(10), isLarge: true),
            "m-Q4_K_M.gguf": .init(bytes: HubSetting.noise(11), isLarge: true),
        ])
        let folder = try await setting.pull()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["m-Q4_K_M.gguf"])
        try await setting.pull(gguf: "Q8_0")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    }

    /// Names that lead elsewhere end the download before it begins.
    @Test(arguments: ["../../../evil", "/etc/evil", "a/../../evil"])
    func names(name: String) async throws {
        let setting = try await HubSetting()
        setting.hub.state.withLock { $0.listedBesides = [name] }
        #expect(await setting.failure()?.code == .malformedAnswer)
        #expect(setting.hub.requests.count == 1)
        #expect(!FileManager.default.fileExists(atPath: setting.cache))
    }

    @Test func events() async throws {
        let setting = try await HubSetting()
        try await setting.pull()
        var tally = DownloadTally()
        for event in setting.progress.events { tally.add(event, at: .zero) }
        #expect(tally.files == 3)
        #expect(tally.filesDone == 3)
        #expect(tally.bytes == tally.bytesDone)
        #expect(tally.active.isEmpty)
    }
}
