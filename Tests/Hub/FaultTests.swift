import Foundation
import PenstockHub
import Testing

/// Servers and networks that fail, and servers that lie.
@Suite struct FaultTests {
    private let setting: HubSetting
    private var hub: LoopbackHub { setting.hub }

    init() async throws { setting = try await HubSetting() }

    /// Whether the weights are here as they should be.
    private func check(_ folder: String, _ comment: Comment? = nil) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/model.safetensors")))
        #expect(bytes == HubSetting.model()["model.safetensors"]?.bytes, comment)
    }

    /// Nothing in the cache looks as if it were right.
    private func checkThatNothingIsKept() {
        let blobs = setting.names("\(setting.repository)/blobs")
        #expect(
            blobs.allSatisfy { name in
                HubSetting.model().values.contains { $0.etag == name } || name.hasSuffix(".incomplete")
            })
        #expect(setting.names("\(setting.repository)/refs").isEmpty)
    }

    // MARK: - What passes

    private static let kinds: [LoopbackHub.Kind] = [
        .listing, .head("config.json"), .get("config.json"), .head("model.safetensors"), .blob("model.safetensors"),
    ]

    @Test(arguments: kinds, [408, 429, 500, 502, 503, 504])
    func busyServers(kind: LoopbackHub.Kind, status: Int) async throws {
        hub.spoil(kind, times: 2) { _ in LoopbackReply(status: status) }
        try check(try await setting.pull())
        #expect(setting.clock.pauses == [.seconds(1), .seconds(2)])
    }

    @Test(arguments: kinds) func serversThatSayWhen(kind: LoopbackHub.Kind) async throws {
        hub.spoil(kind) { _ in LoopbackReply(status: 429, headers: [("Retry-After", "17")]) }
        try check(try await setting.pull())
        #expect(setting.clock.pauses == [.seconds(18)])
    }

    @Test(arguments: kinds, [0, 1, 30]) func brokenConnections(kind: LoopbackHub.Kind, bytes: Int) async throws {
        hub.spoil(kind, times: 2) { reply in
            var reply = reply
            // An answer to HEAD has no body; it is spoiled by being none.
            if case .head = kind { return LoopbackReply(status: 503) }
            reply.end = .drop(after: bytes)
            return reply
        }
        try check(try await setting.pull())
        // Of a small file the rest comes before the second break, unless the first one took bytes along that nobody had
        // read yet.
        var mayBeWholeInTwo = false
        if case .get(let name) = kind {
            mayBeWholeInTwo = HubSetting.model()[name].map { $0.bytes.count <= 2 * bytes } ?? false
        }
        let pauses = setting.clock.pauses.count
        #expect(pauses == 2 || mayBeWholeInTwo && pauses == 1)
    }

    /// A break goes on where it was, and what came is not fetched again.
    @Test func breaksGoOn() async throws {
        let settings = try setting.settings { $0.limits.parallelParts = 1 }
        hub.spoil(.blob("model.safetensors")) { reply in
            var reply = reply
            reply.end = .drop(after: 20_000)
            return reply
        }
        try check(try await setting.pull(settings: settings))
        let requests = hub.requests(.blob("model.safetensors"))
        #expect(requests.count == 2)
        #expect(requests.first?.range == nil)
        #expect((1...20_000).contains(requests.last?.range?.first ?? 0))
    }

    @Test func bodiesThatEndWithTheConnection() async throws {
        let kinds: [LoopbackHub.Kind] = [.listing, .get("config.json"), .blob("model.safetensors")]
        for kind in kinds {
            hub.spoil(kind) { reply in
                var reply = reply
                reply.end = .close
                return reply
            }
        }
        try check(try await setting.pull())
        #expect(setting.clock.pauses.isEmpty)
    }

    @Test func serversWithoutRanges() async throws {
        hub.spoil(.blob("model.safetensors"), times: 9) { reply in
            LoopbackReply(body: HubSetting.model()["model.safetensors"]?.bytes ?? [])
        }
        try check(try await setting.pull())
        // The first shows it, the second brings all.
        #expect(hub.count(.blob("model.safetensors")) == 2)
    }

    @Test func serversWithoutRangesThatBreakOff() async throws {
        let bytes = HubSetting.model()["model.safetensors"]?.bytes ?? []
        for end in [LoopbackReply.End.complete, .drop(after: 100), .drop(after: 40_000), .complete] {
            hub.spoil(.blob("model.safetensors")) { _ in LoopbackReply(body: bytes, end: end) }
        }
        try check(try await setting.pull())
        #expect(hub.count(.blob("model.safetensors")) == 4)
    }

    /// Addresses of large files serve for some time only.
    @Test func expiredAddresses() async throws {
        hub.spoil(.blob("model.safetensors")) { _ in LoopbackReply(status: 403) }
        try check(try await setting.pull())
        #expect(hub.count(.head("model.safetensors")) == 2)
    }

    @Test func bodiesWithoutEndAreCut() async throws {
        hub.spoil(.blob("model.safetensors")) { reply in
            var reply = reply
            reply.end = .endless
            return reply
        }
        hub.spoil(.get("config.json")) { reply in
            var reply = reply
            reply.end = .endless
            return reply
        }
        try check(try await setting.pull())
        #expect(
            setting.bytes("\(setting.repository)/snapshots/\(hub.commit)/config.json")
                == HubSetting.model()["config.json"]?.bytes)
    }

    // MARK: - What does not

    @Test func serversThatStayBusy() async throws {
        hub.spoil(.blob("model.safetensors"), times: 99) { _ in LoopbackReply(status: 503) }
        let error = await setting.failure()
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("503") == true)
        checkThatNothingIsKept()
    }

    @Test func trickles() async throws {
        hub.spoil(.blob("model.safetensors"), times: 99) { [setting] reply in
            setting.clock.hasten()
            return LoopbackReply(
                status: reply.status, headers: reply.headers, body: Array(reply.body.prefix(1)), end: .silence,
                announced: reply.body.count)
        }
        let error = await setting.failure(settings: try setting.settings { $0.limits.maxAttempts = 2 })
        #expect(error?.code == .unreachable)
        checkThatNothingIsKept()
    }

    @Test func wrongBytes() async throws {
        hub.spoil(.blob("model.safetensors"), times: 999) { reply in
            var reply = reply
            reply.body = reply.body.map { $0 ^ 1 }
            return reply
        }
        let error = await setting.failure()
        #expect(error?.code == .corrupted)
        checkThatNothingIsKept()
        #expect(setting.names("\(setting.repository)/blobs").allSatisfy { !$0.hasSuffix(".incomplete") })
    }

    @Test func wrongBytesOnceAreFetchedAgain() async throws {
        hub.spoil(.get("config.json")) { reply in
            var reply = reply
            reply.body = reply.body.map { $0 ^ 1 }
            return reply
        }
        try check(try await setting.pull())
        #expect(hub.count(.get("config.json")) == 2)
    }

    /// The size that is announced is not that of the bytes.
    @Test(arguments: ["49999", "50001"]) func wrongLengths(size: String) async throws {
        hub.spoil(.head("model.safetensors"), times: 9) { reply in
            var reply = reply
            reply.headers = reply.headers.map { $0.0 == "X-Linked-Size" ? ($0.0, size) : $0 }
            return reply
        }
        let error = await setting.failure()
        #expect([.corrupted, .unreachable, .malformedAnswer].contains(error?.code))
        checkThatNothingIsKept()
    }

    /// Some mirrors answer HEAD with a length of zero; the list tells better.
    @Test func lengthsOfNothing() async throws {
        hub.spoil(.head("config.json")) { reply in
            var reply = reply
            reply.headers.append(("Content-Length", "0"))
            return reply
        }
        let folder = try await setting.pull()
        #expect(
            try Data(contentsOf: URL(filePath: "\(folder)/config.json"))
                == Data(HubSetting.model()["config.json"]?.bytes ?? []))
    }

    @Test(arguments: ["X-Repo-Commit", "X-Linked-Etag"]) func missingFields(name: String) async throws {
        hub.spoil(.head("model.safetensors"), times: 9) { reply in
            var reply = reply
            reply.headers.removeAll { $0.0 == name || $0.0 == "Location" }
            reply.status = 200
            return reply
        }
        #expect(await setting.failure()?.code == .malformedAnswer)
    }

    @Test(arguments: ["\"../../evil\"", "\"a/b\"", "\"\"", "\"..\""]) func etagsThatAreNoNames(etag: String)
        async throws
    {
        hub.spoil(.head("config.json"), times: 9) { reply in
            var reply = reply
            reply.headers = reply.headers.map { $0.0 == "ETag" ? ($0.0, etag) : $0 }
            return reply
        }
        #expect(await setting.failure()?.code == .malformedAnswer)
    }

    @Test(arguments: kinds) func circles(kind: LoopbackHub.Kind) async throws {
        hub.spoil(kind, times: 99) { _ in LoopbackReply(status: 302, headers: [("Location", "?again")]) }
        let error = await setting.failure()
        #expect([.malformedAnswer, .refused].contains(error?.code))
        #expect(hub.count(kind) <= HubLimits().maxRedirects + 1)
    }

    @Test(arguments: ["javascript:alert(1)", "http+unix://x/y", "http://a@b/", "ftp://x/"])
    func addressesThatAreNotFollowed(location: String) async throws {
        hub.spoil(.listing, times: 9) { _ in LoopbackReply(status: 302, headers: [("Location", location)]) }
        #expect(await setting.failure()?.code == .malformedAnswer)
    }

    /// Sums of sizes that no number holds.
    @Test func sizesBeyondAllBounds() async throws {
        try setting.write("\(setting.repository)/blobs/left.incomplete", [UInt8](repeating: 0, count: 100))
        let commit = hub.commit
        hub.spoil(.listing) { _ in
            let files = ["config.json", "tokenizer.json"].map { #"{"rfilename":"\#($0)","size":4611686018427387904}"# }
            let text =
                #"{"sha":"\#(commit)","siblings":[{"rfilename":"model.safetensors"},\#(files.joined(separator: ","))]}"#
            return LoopbackReply(body: Array(text.utf8))
        }
        #expect(await setting.failure()?.code == .diskFull)
    }

    @Test func listsThatAreNone() async throws {
        hub.spoil(.listing) { _ in LoopbackReply(body: Array("<html>".utf8)) }
        #expect(await setting.failure()?.code == .malformedAnswer)
        hub.spoil(.listing) { reply in LoopbackReply(body: [UInt8](repeating: 0x20, count: 2000)) }
        let error = await setting.failure(settings: try setting.settings { $0.limits.maxListingBytes = 1000 })
        #expect(error?.code == .malformedAnswer)
    }
}
