import Foundation
import PenstockHub
import PenstockTestSupport
import Testing

/// What is fetched of a model to look at it.
@Suite struct HeaderTests {
    private static func safetensors(header: Int, data: Int) -> [UInt8] {
        let text = Array(#"{"a":{"dtype":"U8","shape":[\#(data)],"data_offsets":[0,\#(data)]}}"#.utf8)
        let padded = text + Array(repeating: 0x20, count: header - text.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) } + padded + HubSetting.noise(data)
    }

    private func files(header: Int, data: Int) -> [String: LoopbackHub.File] {
        [
            "config.json": .init(bytes: Array("{}".utf8)), "tokenizer.json": .init(bytes: HubSetting.noise(10_000)),
            "model.safetensors": .init(bytes: Self.safetensors(header: header, data: data), isLarge: true),
        ]
    }

    private func headers(_ setting: HubSetting) async throws -> HeaderFolder {
        let hub = Hub(settings: try setting.settings(), clock: setting.clock.hub)
        return try await hub.headers(of: try HubReference("org/model"))
    }

    /// Headers that fit into the first request, and that do not.
    @Test(arguments: [200, 65_527, 65_528, 65_529, 65_536, 100_000]) func headersAndHoles(header: Int) async throws {
        let files = files(header: header, data: 300_000)
        let setting = try await HubSetting(files)
        let folder = try await headers(setting)
        let weights = try #require(files["model.safetensors"]?.bytes)
        let here = [UInt8](try Data(contentsOf: URL(filePath: "\(folder.path)/model.safetensors")))
        #expect(here.count == weights.count)
        #expect(here.prefix(8 + header) == weights.prefix(8 + header))
        #expect(here.dropFirst(8 + header).allSatisfy { $0 == 0 })
        #expect(try Data(contentsOf: URL(filePath: "\(folder.path)/config.json")) == Data("{}".utf8))
        // A vocabulary is there by its size.
        let tokenizer = try Data(contentsOf: URL(filePath: "\(folder.path)/tokenizer.json"))
        #expect(tokenizer.count == 10_000 && tokenizer.allSatisfy { $0 == 0 })
        #expect(setting.hub.count(.get("tokenizer.json")) == 0)
        for request in setting.hub.requests(.blob("model.safetensors")) {
            #expect(request.headers.contains { $0.0.lowercased() == "range" && $0.1.hasPrefix("bytes=0-") })
        }
    }

    @Test func theFolderIsGoneWithWhoeverHasIt() async throws {
        let setting = try await HubSetting(files(header: 200, data: 10))
        var folder: HeaderFolder? = try await headers(setting)
        let path = try #require(folder?.path)
        #expect(FileManager.default.fileExists(atPath: path))
        folder = nil
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(setting.names("").isEmpty)
    }

    @Test func aServerWithoutRangesIsReadToTheEndOfTheHeader() async throws {
        let files = files(header: 200, data: 300_000)
        let setting = try await HubSetting(files)
        let weights = try #require(files["model.safetensors"]?.bytes)
        setting.hub.spoil(.blob("model.safetensors"), times: 9) { _ in LoopbackReply(body: weights) }
        let folder = try await headers(setting)
        let here = [UInt8](try Data(contentsOf: URL(filePath: "\(folder.path)/model.safetensors")))
        #expect(here.prefix(208) == weights.prefix(208))
    }

    @Test func lyingHeadersAndOtherWeights() async throws {
        var files = files(header: 200, data: 10)
        files["model.safetensors"] = .init(bytes: Array(repeating: 0xFF, count: 100), isLarge: true)
        let lying = try await HubSetting(files)
        await #expect(throws: HubError.self) { try await headers(lying) }
        files["model.safetensors"] = nil
        files["pytorch_model.bin"] = .init(bytes: HubSetting.noise(100), isLarge: true)
        let folder = try await headers(try await HubSetting(files))
        #expect(folder.opaqueWeights.map(\.path.description) == ["pytorch_model.bin"])
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/pytorch_model.bin"))
    }
}
