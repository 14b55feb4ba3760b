import PenstockHub
import Testing

/// What a Hub refuses, and what there is without one.
@Suite struct RefusalTests {
    private let setting: HubSetting
    private var hub: LoopbackHub { setting.hub }

    init() async throws { setting = try await HubSetting() }

    @Test(
        arguments: [
            (401, "GatedRepo", HubError.Code.gated, "accept its terms at http"),
            (403, "GatedRepo", .gated, "HF_TOKEN"), (401, "RepoNotFound", .repositoryNotFound, "private"),
            (404, "RepoNotFound", .repositoryNotFound, "org/model"), (401, "", .repositoryNotFound, "HF_TOKEN"),
            (404, "RevisionNotFound", .revisionNotFound, "'main'"), (403, "", .refused, "403"),
            (418, "", .refused, "418"),
        ])
    func statuses(status: Int, errorCode: String, code: HubError.Code, mention: String) async throws {
        hub.state.withLock { $0.refusal = LoopbackHub.error(status, errorCode) }
        for token in [nil, "hf_secret"] {
            let error = await setting.failure(settings: try setting.settings(token: token))
            #expect(error?.code == code)
            #expect(error?.message.contains("\n") == false)
            #expect(error?.message.contains("hf_secret") == false)
            if token == nil { #expect(error?.message.contains(mention) == true) }
        }
        // Nothing of this is better for being asked twice.
        #expect(hub.requests.count == 2)
    }

    @Test func badTokens() async throws {
        hub.state.withLock {
            $0.refusal = LoopbackReply(
                status: 401, headers: [("X-Error-Message", "Invalid credentials in Authorization header")])
        }
        #expect(await setting.failure(settings: try setting.settings(token: "hf_bad"))?.code == .unauthorized)
    }

    @Test func missingRevisions() async throws {
        let error = await setting.failure("org/model@v2")
        #expect(error?.code == .revisionNotFound)
        #expect(error?.message.contains("'v2'") == true)
        hub.state.withLock { _ = $0.revisions.insert("refs/pr/1") }
        try await setting.pull("org/model@refs/pr/1")
        #expect(setting.bytes("\(setting.repository)/refs/refs/pr/1") == Array(hub.commit.utf8))
    }

    @Test func missingRepositories() async throws {
        #expect(await setting.failure("org/other")?.code == .repositoryNotFound)
    }

    /// A file that the list names and that is not there is noted, as huggingface_hub does.
    @Test func missingFiles() async throws {
        hub.state.withLock { $0.listedBesides = ["vocab.txt"] }
        #expect(await setting.failure()?.code == .entryNotFound)
        #expect(setting.names("\(setting.repository)/.no_exist/\(hub.commit)").contains("vocab.txt"))
    }

    @Test func repositoriesWithoutModel() async throws {
        hub.state.withLock { $0.files = ["README.md": .init(bytes: [1])] }
        let error = await setting.failure()
        #expect(error?.code == .noModel)
        #expect(error?.message.hasPrefix("org/model has neither") == true)
    }

    // MARK: - Without a network

    @Test func offline() async throws {
        let offline = try setting.settings(isOffline: true)
        let error = await setting.failure(settings: offline)
        #expect(error?.code == .offline)
        #expect(error?.message.contains("nothing of org/model") == true)
        #expect(hub.requests.isEmpty)
        let folder = try await setting.pull()
        let before = hub.requests.count
        #expect(try await setting.pull(settings: offline) == folder)
        #expect(hub.requests.count == before)
        #expect(await setting.failure("org/model@v2", settings: offline)?.message.contains("but: main") == true)
    }

    @Test func withoutServer() async throws {
        let folder = try await setting.pull()
        await hub.stop()
        #expect(try await setting.pull() == folder)
        #expect(setting.progress.notes.count == 1)
        // Whoever has the model does not wait for further attempts.
        #expect(setting.clock.pauses.isEmpty)
        let error = await setting.failure("org/other")
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("nothing of org/other") == true)
        // A host that is not there is not waited for long, and whoever waits is told.
        #expect(setting.clock.pauses == [.seconds(1), .seconds(2)])
        #expect(setting.progress.notes.last?.hasSuffix("Connection refused; tries again in 2 s") == true)
    }

    /// A failure on the way to a new commit leaves the old one to start with.
    @Test func newCommitsThatDoNotCome() async throws {
        let folder = try await setting.pull()
        hub.state.withLock {
            $0.commit = String(repeating: "1", count: 40)
            $0.files["model.safetensors"]?.bytes += [0]
        }
        hub.spoil(.blob("model.safetensors"), times: 999) { _ in LoopbackReply(status: 503) }
        #expect(try await setting.pull() == folder)
        #expect(setting.progress.notes.count == 1)
        #expect(try await setting.pull(settings: setting.settings(isOffline: true)) == folder)
    }

    /// Neither gates nor the end of a repository take away what is here.
    @Test(arguments: [(401, "GatedRepo"), (404, "RepoNotFound"), (500, "")])
    func refusalsOfWhatIsHere(status: Int, code: String) async throws {
        let folder = try await setting.pull()
        hub.state.withLock { $0.refusal = LoopbackHub.error(status, code) }
        #expect(try await setting.pull() == folder)
        #expect(setting.progress.notes.count == 1)
    }

    @Test func revisionsThatAreGone() async throws {
        try await setting.pull()
        hub.state.withLock { $0.revisions = [] }
        #expect(await setting.failure()?.code == .revisionNotFound)
    }
}
