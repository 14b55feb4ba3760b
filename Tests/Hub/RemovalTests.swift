import Foundation
import PenstockHub
import PenstockTestSupport
import Testing

/// Caches as Python leaves them: what is listed, and what is removed.
@Suite struct RemovalTests {
    private let directory: TemporaryDirectory
    private let first = String(repeating: "a", count: 40)
    private let second = String(repeating: "b", count: 40)
    private var folder: String { "\(directory.path)/models--org--model" }

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ path: String, _ bytes: Int) throws {
        let url = URL(filePath: "\(directory.path)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(repeating: 0x61, count: bytes).write(to: url)
    }

    private func text(_ path: String, _ text: String) throws {
        try write(path, 0)
        try Data(text.utf8).write(to: URL(filePath: "\(directory.path)/\(path)"))
    }

    private func link(_ path: String, to target: String) throws {
        let url = URL(filePath: "\(directory.path)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(directory.path)/\(path)") }

    /// Two commits that share a blob; in the first a file lies in a folder, in the second one is no link.
    private func makeCache() throws -> CachedModel {
        let model = "models--org--model"
        for (etag, bytes) in [("shared", 100), ("old", 10), ("new", 20), ("deep", 5)] {
            try write("\(model)/blobs/\(etag)", bytes)
        }
        try link("\(model)/snapshots/\(first)/weights", to: "../../blobs/shared")
        try link("\(model)/snapshots/\(first)/config.json", to: "../../blobs/old")
        try link("\(model)/snapshots/\(first)/1_Pooling/config.json", to: "../../../blobs/deep")
        try link("\(model)/snapshots/\(second)/weights", to: "../../blobs/shared")
        try link("\(model)/snapshots/\(second)/config.json", to: "../../blobs/new")
        try write("\(model)/snapshots/\(second)/copied", 3)
        try text("\(model)/refs/main", second)
        try text("\(model)/refs/refs/pr/1", first)
        try text("datasets--x--y/refs/main", first)
        return CachedModel(RepositoryCache(root: directory.path, id: try RepositoryID("org/model")))
    }

    @Test func listing() throws {
        let model = try makeCache()
        #expect(CachedModel.all(in: directory.path).map(\.id.description) == ["org/model"])
        #expect(model.bytes == 138)
        let revisions = Dictionary(uniqueKeysWithValues: model.revisions.map { ($0.commit.description, $0) })
        #expect(revisions[first]?.bytes == 115)
        #expect(revisions[second]?.bytes == 123)
        #expect(revisions[first]?.references == ["refs/pr/1"])
        #expect(revisions[second]?.references == ["main"])
        #expect(revisions[first]?.files.map(\.path.description) == ["1_Pooling/config.json", "config.json", "weights"])
    }

    @Test func oneOfTwoRevisions() throws {
        let model = try makeCache()
        let removal = try CacheRemoval(of: model, Set([first].compactMap(Commit.init)))
        #expect(removal.bytes == 15)
        #expect(exists("models--org--model/blobs/old"))
        try removal.run()
        let model2 = "models--org--model"
        #expect(exists("\(model2)/blobs/shared"))
        #expect(exists("\(model2)/snapshots/\(second)/config.json"))
        for path in ["blobs/old", "blobs/deep", "snapshots/\(first)", "refs/refs/pr/1"] {
            #expect(!exists("\(model2)/\(path)"))
        }
        #expect(exists("\(model2)/refs/main"))
    }

    @Test func allRevisions() throws {
        let removal = try CacheRemoval(of: try makeCache())
        #expect(removal.paths == [folder])
        #expect(removal.bytes == 138)
        try removal.run()
        #expect(!exists("models--org--model"))
        #expect(exists("datasets--x--y"))
    }

    /// What a link leads to outside of the repository is not the cache's.
    @Test func nothingElsewhereIsRemoved() throws {
        _ = try makeCache()
        try write("precious", 9)
        try write("kept/file", 9)
        try link("models--org--model/snapshots/\(first)/evil", to: "../../../precious")
        try link("models--org--model/snapshots/\(first)/worse", to: "../../blobs/../../precious")
        try link("models--org--model/snapshots/\(first)/folder", to: "../../../kept")
        let id = try RepositoryID("org/model")
        let model = CachedModel(RepositoryCache(root: directory.path, id: id))
        try CacheRemoval(of: model, Set([first].compactMap(Commit.init))).run()
        #expect(exists("precious"))
        #expect(exists("kept/file"))
        #expect(!exists("models--org--model/snapshots/\(first)"))
        try CacheRemoval(of: CachedModel(RepositoryCache(root: directory.path, id: id))).run()
        #expect(exists("precious"))
        #expect(exists("kept/file"))
    }

    /// A folder of the model that is a link may lead to anything, too.
    @Test(arguments: ["", "/blobs", "/refs", "/snapshots"]) func foldersThatAreLinks(part: String) throws {
        _ = try makeCache()
        let (path, elsewhere) = ("\(folder)\(part)", "\(directory.path)/elsewhere")
        try FileManager.default.moveItem(atPath: path, toPath: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: elsewhere)
        let before = try FileManager.default.subpathsOfDirectory(atPath: elsewhere).sorted()
        let model = CachedModel(RepositoryCache(root: directory.path, id: try RepositoryID("org/model")))
        for commits in [nil, Set([first].compactMap(Commit.init))] {
            let error = #expect(throws: HubError.self) { try CacheRemoval(of: model, commits).run() }
            #expect(error?.message.contains("is a link") == true)
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: elsewhere).sorted() == before)
    }

    /// A slash under a combining mark ends a name for the file system.
    @Test func slashesUnderMarks() throws {
        _ = try makeCache()
        try write("kept/\u{301}file", 9)
        try link("models--org--model/blobs/q", to: "../../kept")
        try link("models--org--model/snapshots/\(first)/evil", to: "../../blobs/q/\u{301}file")
        let model = CachedModel(RepositoryCache(root: directory.path, id: try RepositoryID("org/model")))
        try CacheRemoval(of: model, Set([first].compactMap(Commit.init))).run()
        #expect(exists("kept/\u{301}file"))
    }

    /// Names need not be texts, and a path can be longer than the system takes at a time.
    @Test func oddTrees() throws {
        _ = try makeCache()
        let inside = "\(folder)/snapshots/\(first)"
        let file = open(inside.utf8CString.dropLast() + [0x2F, -1, 0], O_CREAT | O_WRONLY, 0o666)
        #expect(file >= 0)
        close(file)
        // More than the 4096 bytes of a path, made from both ends.
        var deep = "\(directory.path)/deep0"
        for level in 0..<40 {
            let above = "\(directory.path)/deep\(level + 1)"
            try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
            if level > 0 {
                try FileManager.default.moveItem(
                    atPath: deep, toPath: "\(above)/" + String(repeating: "x", count: 200))
            }
            deep = above
        }
        try FileManager.default.moveItem(atPath: deep, toPath: "\(inside)/deep")
        try CacheRemoval(of: CachedModel(RepositoryCache(root: directory.path, id: RepositoryID("org/model")))).run()
        #expect(!exists("models--org--model"))
    }

    /// What was broken off before there was a snapshot.
    @Test func partsOnly() throws {
        try write("models--org--model/blobs/\(first).incomplete", 70)
        let model = CachedModel(RepositoryCache(root: directory.path, id: try RepositoryID("org/model")))
        #expect(model.exists)
        let removal = try CacheRemoval(of: model)
        #expect(removal.bytes == 70)
        try removal.run()
        #expect(!model.exists)
    }

    /// The store that huggingface_hub 2 keeps for all repositories loses what nobody leads to any more.
    @Test func sharedBlobs() throws {
        let hash = "ab" + String(repeating: "0", count: 62)
        let payload = "blobs/ab/\(hash)"
        try write(payload, 50)
        try text("blobs/.huggingface-shared-blobs", "1\n")
        try text(
            "\(payload).refs", "models--org--one/blobs/e\nmodels--org--two/blobs/e\nmodels--org--gone/blobs/e\n../x\n")
        for name in ["one", "two"] {
            try link("models--org--\(name)/blobs/e", to: "../../\(payload)")
            try link("models--org--\(name)/snapshots/\(first)/model.safetensors", to: "../../blobs/e")
        }
        func remove(_ name: String) throws {
            try CacheRemoval(of: CachedModel(RepositoryCache(root: directory.path, id: RepositoryID(name)))).run()
        }
        try remove("org/one")
        #expect(exists(payload))
        #expect(try directory.read("\(payload).refs") == Array("models--org--two/blobs/e\n".utf8))
        try remove("org/two")
        #expect(!exists(payload))
        #expect(!exists("\(payload).refs"))
    }

    @Test func offlineSnapshots() throws {
        let id = try RepositoryID("org/model")
        let cache = RepositoryCache(root: directory.path, id: id)
        func find(_ revision: String) throws -> String? {
            CachedSnapshot.find(try HubReference(id: id, revision: revision), in: cache, for: .model)?.folder
        }
        let snapshot = "models--org--model/snapshots/\(first)"
        try text("models--org--model/refs/main", first)
        #expect(try find("main") == nil)
        try text("\(snapshot)/config.json", "{}")
        #expect(try find("main") == nil)
        try text(
            "\(snapshot)/model.safetensors.index.json",
            #"{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#)
        try write("\(snapshot)/model-00001-of-00002.safetensors", 1)
        #expect(try find("main") == nil)
        try link("\(snapshot)/model-00002-of-00002.safetensors", to: "../../blobs/gone")
        #expect(try find("main") == nil)
        try write("models--org--model/blobs/gone", 1)
        #expect(try find("main") == "\(directory.path)/\(snapshot)")
        #expect(try find(first) != nil)
        #expect(try find("other") == nil)
        #expect(try find(second) == nil)
    }
}
