import Foundation

/// The file systems of the kernel as a test wants them.
package struct FakeSystem {
    private let directory: TemporaryDirectory

    /// - Parameter files: their texts by their paths below the root.
    package init(_ files: [String: String]) throws {
        directory = try TemporaryDirectory()
        for (path, text) in files {
            let parent = "\(directory.path)/\(path)".split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: "/\(parent)", withIntermediateDirectories: true)
            try directory.write(path, text.utf8)
        }
    }

    /// The path of a file or directory.
    package func path(_ name: String) -> String { "\(directory.path)/\(name)" }
}
