import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Each setting in a checkpoint's files counts as it does upstream, or is refused by name: what
/// `scripts/make_settings_fixtures.py` recorded.
@Suite struct SettingsTests {
    private static let tasks = ["fill-mask": "fill-mask", "embed": "sentence-similarity"]

    /// A case, shown by its edits.
    struct Setting: Sendable, CustomTestStringConvertible {
        let json: JSONValue

        subscript(key: String) -> JSONValue? { json[key] }

        var testDescription: String {
            var writer = JSONWriter()
            writer.value(.array([json["edits"] ?? .null, json["parameters"] ?? .null]))
            return String(decoding: writer.finish(), as: UTF8.self)
        }
    }

    private static func cases() throws -> [Setting] {
        try #require(try Fixtures.json(Fixtures.path("settings/cases.json")).array).map(Setting.init)
    }

    private static func directory(_ setting: Setting) throws -> TemporaryDirectory {
        let checkpoint = try #require(setting["checkpoint"]?.string)
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint(checkpoint))
        for edit in try #require(setting["edits"]?.array) {
            try #require(JSONEdit(edit)).apply(in: directory)
        }
        return directory
    }

    private static func answer(_ setting: Setting, in directory: TemporaryDirectory) async throws -> JSONValue {
        let task = try #require(setting["task"]?.string.flatMap { tasks[$0] })
        let worker = try ServedModel(try JSONPipeline(directory: directory.path, task: task, threads: 1), .patient())
        let answer = try await worker.answer(
            try #require(setting["inputs"]), parameters: try #require(setting["parameters"]?.object))
        return try JSONValue(parsing: answer)
    }

    @Test(arguments: try cases().filter { $0["refused"] == nil && $0["error"] == nil })
    func honoured(setting: Setting) async throws {
        let directory = try Self.directory(setting)
        let answer = try await Self.answer(setting, in: directory)
        let (relative, absolute) = setting["task"] == .string("fill-mask") ? (1e-5, 1e-7) : (1e-5, 1e-5)
        let difference = answer.difference(
            from: try #require(setting["output"]), relative: relative, absolute: absolute)
        #expect(difference == nil)
    }

    /// What the reference cannot answer fails here, too.
    @Test(arguments: try cases().filter { $0["error"] != nil })
    func failing(setting: Setting) async throws {
        let directory = try Self.directory(setting)
        await #expect(throws: (any Error).self) {
            try await Self.answer(setting, in: directory)
        }
    }

    @Test(arguments: try cases().filter { $0["refused"] != nil })
    func refused(setting: Setting) throws {
        let directory = try Self.directory(setting)
        let task = try #require(setting["task"]?.string.flatMap { Self.tasks[$0] })
        let error = #expect(throws: (any Error).self) {
            try JSONPipeline(directory: directory.path, task: task, threads: 1)
        }
        let name = try #require(setting["refused"]?.string)
        #expect("\(error.map { "\($0)" } ?? "")".contains(name))
    }
}
