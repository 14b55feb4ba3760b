import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Each setting in a checkpoint's files counts as it does upstream, or is refused by name: what
/// `scripts/make_settings_fixtures.py` recorded.
@Suite struct SettingsTests {
    private static let tasks = ["fill-mask": "fill-mask", "embed": "sentence-similarity"]

    /// All cases.
    private static func cases() throws -> [JSONValue] {
        try #require(try Fixtures.json(Fixtures.path("settings/cases.json")).array)
    }

    private static func directory(_ setting: JSONValue) throws -> TemporaryDirectory {
        let checkpoint = try #require(setting["checkpoint"]?.string)
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint(checkpoint))
        for edit in try #require(setting["edits"]?.array) {
            try #require(JSONEdit(edit)).apply(in: directory)
        }
        return directory
    }

    private static func answer(_ setting: JSONValue, in directory: TemporaryDirectory) async throws -> JSONValue {
        let task = try #require(setting["task"]?.string.flatMap { tasks[$0] })
        let worker = try ModelWorker(try Pipeline(directory: directory.path, task: task, threads: 1), .patient())
        let answer = try await worker.answer(
            try #require(setting["inputs"]), parameters: try #require(setting["parameters"]?.object))
        return try JSONValue(parsing: answer)
    }

    @Test(arguments: try cases().filter { $0["refused"] == nil && $0["error"] == nil })
    func honoured(setting: JSONValue) async throws {
        let directory = try Self.directory(setting)
        let answer = try await Self.answer(setting, in: directory)
        let (relative, absolute) = setting["task"] == .string("fill-mask") ? (1e-5, 1e-7) : (1e-5, 1e-5)
        let difference = answer.difference(
            from: try #require(setting["output"]), relative: relative, absolute: absolute)
        #expect(difference == nil, "\(Self.text(setting))")
    }

    /// What the reference cannot answer fails here, too.
    @Test(arguments: try cases().filter { $0["error"] != nil })
    func failing(setting: JSONValue) async throws {
        let directory = try Self.directory(setting)
        await #expect(throws: (any Error).self, "\(Self.text(setting))") {
            try await Self.answer(setting, in: directory)
        }
    }

    @Test(arguments: try cases().filter { $0["refused"] != nil })
    func refused(setting: JSONValue) throws {
        let directory = try Self.directory(setting)
        let task = try #require(setting["task"]?.string.flatMap { Self.tasks[$0] })
        let error = #expect(throws: (any Error).self, "\(Self.text(setting))") {
            try Pipeline(directory: directory.path, task: task, threads: 1)
        }
        let name = try #require(setting["refused"]?.string)
        #expect("\(error.map { "\($0)" } ?? "")".contains(name), "\(Self.text(setting))")
    }

    /// A case as a message shows it.
    private static func text(_ setting: JSONValue) -> String {
        var writer = JSONWriter()
        writer.value(.array([setting["edits"] ?? .null, setting["parameters"] ?? .null]))
        return String(decoding: writer.finish(), as: UTF8.self)
    }
}
