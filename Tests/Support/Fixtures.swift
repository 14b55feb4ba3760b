import Foundation
import PenstockJSON

/// The files that `scripts/make_fixtures.py` recorded from the reference implementation.
package enum Fixtures {
    /// The directory of the repository.
    package static let repository = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL.path

    /// The directory of a fixture, below `Tests/Fixtures`.
    package static func path(_ name: String) -> String { "\(repository)/Tests/Fixtures/\(name)" }

    /// The directory of a checkpoint.
    package static func checkpoint(_ name: String) -> String { path("checkpoints/\(name)") }

    /// The directory into which `scripts/fetch-minilm` puts the real all-MiniLM-L6-v2.
    package static let miniLM = model("all-MiniLM-L6-v2")

    /// The directory of a model that a script fetches.
    package static func model(_ name: String) -> String { "\(repository)/models/\(name)" }

    /// The names of all checkpoints, sorted.
    package static func checkpoints() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path("checkpoints")).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// Whether a checkpoint is a model of `transformers`, not a table of static embeddings.
    package static func hasLayers(_ checkpoint: String) -> Bool {
        !checkpoint.hasPrefix("static-") && !checkpoint.hasPrefix("model2vec-")
    }

    /// The bytes of a file.
    package static func bytes(atPath path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    /// The JSON document in a file.
    package static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: URL(filePath: path)))
    }
}

/// A directory that is gone when the test is.
package final class TemporaryDirectory: Sendable {
    /// Its path.
    package let path: String

    /// An empty one.
    package init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "penstock-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// One with copies of the files of another directory.
    package convenience init(copyOf source: String) throws {
        try self.init()
        for name in try FileManager.default.contentsOfDirectory(atPath: source) {
            try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(path)/\(name)")
        }
    }

    /// Writes a file into it.
    package func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        try writeFile(bytes, to: "\(path)/\(name)")
    }

    /// The bytes of a file in it.
    package func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: "\(path)/\(name)", directoryHint: .notDirectory)))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
