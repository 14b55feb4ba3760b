import Foundation
import PenstockHub
import PenstockTestSupport
import Synchronization
import Testing

/// A Hub of a test with a cache, and a clock that no test has to wait for.
final class HubSetting: Sendable {
    let hub: LoopbackHub
    let cache: String
    private let directory: TemporaryDirectoryBox
    let clock = TestClock()
    let progress = EventLog()

    private struct TemporaryDirectoryBox: @unchecked Sendable {
        // Nobody changes it, and it is removed once.
        let directory: TemporaryDirectory
    }

    init(_ files: [String: LoopbackHub.File] = HubSetting.model()) async throws {
        hub = try await LoopbackHub(files)
        directory = TemporaryDirectoryBox(directory: try TemporaryDirectory())
        cache = "\(directory.directory.path)/hub"
    }

    /// The files of a small model; its weights are large enough for several parts.
    static func model(weights: Int = 50_000) -> [String: LoopbackHub.File] {
        [
            "config.json": .init(bytes: Array(#"{"architectures":["BertForMaskedLM"]}"#.utf8)),
            "tokenizer.json": .init(bytes: Array("{}".utf8)),
            "README.md": .init(bytes: Array("# no".utf8)),
            "model.safetensors": .init(bytes: noise(weights), isLarge: true),
            "pytorch_model.bin": .init(bytes: noise(100), isLarge: true),
        ]
    }

    /// Bytes of which no two parts are alike.
    static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 88_172_645_463_325_252
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }

    func settings(
        token: String? = nil, isOffline: Bool = false, _ change: (inout HubSettings) -> Void = { _ in }
    ) throws -> HubSettings {
        let endpoint = try #require(HubURL(hub.endpoint))
        var settings = HubSettings(cache: cache, endpoint: endpoint, isOffline: isOffline)
        settings.token = try token.flatMap { try HubToken($0, from: "a test") }
        settings.limits.partBytes = 4096
        settings.limits.maxAttempts = 4
        settings.limits.progressBytes = 1 << 30
        change(&settings)
        return settings
    }

    /// Has the model in the cache; returns its folder.
    @discardableResult func pull(
        _ name: String = "org/model", gguf: String? = nil, settings: HubSettings? = nil, comparesSizes: Bool = false
    ) async throws -> String {
        let hub = Hub(settings: try settings ?? self.settings(), clock: clock.hub, progress: progress)
        return try await hub.snapshot(of: HubReference(name), gguf: gguf, comparesSizes: comparesSizes).folder
    }

    /// The failure of having it.
    func failure(_ name: String = "org/model", settings: HubSettings? = nil) async -> HubError? {
        do {
            try await pull(name, settings: settings)
            return nil
        } catch {
            return error as? HubError
        }
    }

    func bytes(_ path: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: "\(cache)/\(path)"))).map { [UInt8]($0) }
    }
    func names(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(cache)/\(path)")) ?? []).sorted()
    }
    var repository: String { "models--org--model" }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        let url = URL(filePath: "\(cache)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try writeFile(bytes, to: url.path)
    }
}

/// Waits that are noted and take no time; but whoever watches for stalls sleeps until it is cancelled, unless a test says
/// otherwise.
final class TestClock: Sendable {
    private let state = Mutex<(pauses: [Duration], watches: Bool)>(([], false))

    /// The waits before further requests.
    var pauses: [Duration] { state.withLock { $0.pauses } }

    /// Has time fly for whoever watches for stalls.
    func hasten() { state.withLock { $0.watches = true } }

    var hub: HubClock {
        HubClock(
            sleep: { [self] duration in
                if duration == HubLimits().stallPeriod {
                    if state.withLock({ $0.watches }) { return }
                    try await Task.sleep(for: .seconds(100_000))
                } else if duration == HubLimits().lockPause {
                    await Task.yield()
                    try Task.checkCancellation()
                } else {
                    state.withLock { $0.pauses.append(duration) }
                }
            }, chance: { 1 }, now: { .zero })
    }
}

/// Notes what a download tells.
final class EventLog: DownloadProgress {
    private let log = Mutex<[DownloadEvent]>([])
    var events: [DownloadEvent] { log.withLock { $0 } }
    var notes: [String] { events.compactMap { if case .note(let text) = $0 { text } else { nil } } }
    func report(_ event: DownloadEvent) { log.withLock { $0.append(event) } }
    func end() {}
}
