import Foundation

/// A cache of the Hub with one model, as Python leaves it.
package struct CachedCheckpoint {
    /// The commit that `main` stands for.
    package static let commit = String(repeating: "c0ffee00", count: 5)
    private let directory: TemporaryDirectory
    private let folder: String

    /// The cache.
    package var path: String { directory.path }
    /// The folder of the model.
    package var repository: String { "\(path)/\(folder)" }

    /// - Parameters:
    ///   - id: the model's, such as `org/name`
    ///   - checkpoint: the fixture that it is
    package init(_ id: String, of checkpoint: String) throws {
        try self.init(id, of: checkpoint, in: TemporaryDirectory())
    }

    /// As ``init(_:of:)``, beside other models.
    package init(_ id: String, of checkpoint: String, in directory: TemporaryDirectory) throws {
        try self.init(id, ofFiles: Fixtures.checkpoint(checkpoint), in: directory)
    }

    /// A model of the files in a directory, beside other models.
    package init(_ id: String, ofFiles path: String, in directory: TemporaryDirectory) throws {
        self.directory = directory
        folder = "models--" + id.split(separator: "/").joined(separator: "--")
        let repository = URL(filePath: directory.path).appending(path: folder)
        let snapshot = repository.appending(path: "snapshots/\(Self.commit)")
        for folder in [repository.appending(path: "blobs"), repository.appending(path: "refs"), snapshot] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let source = URL(filePath: path)
        for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
            try FileManager.default.copyItem(
                at: source.appending(path: name), to: repository.appending(path: "blobs/\(name)-blob"))
            try FileManager.default.createSymbolicLink(
                atPath: snapshot.appending(path: name).path, withDestinationPath: "../../blobs/\(name)-blob")
        }
        try Data(Self.commit.utf8).write(to: repository.appending(path: "refs/main"))
    }
}
