import Foundation
import PenstockCheckpoints
import PenstockTestSupport
import Testing

@Suite struct CheckpointTests {
    private static func directory(_ files: [String: String] = [:]) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write("config.json", "{}".utf8)
        for (name, text) in files { try directory.write(name, text.utf8) }
        return directory
    }

    private static func shard(_ names: String...) -> [UInt8] {
        Safetensors.file(names.map { Safetensors.Entry($0, shape: [2], [1, 2]) })
    }

    @Test func pathsOfDirectories() throws {
        let directory = try Self.directory()
        #expect(try Checkpoint(directory: directory.path).path("x") == "\(directory.path)/x")
        #expect(try Checkpoint(directory: directory.path + "/").path("x") == "\(directory.path)/x")
        #expect(try Checkpoint(directory: directory.path).configFile("none.json") == nil)
    }

    @Test func noDirectory() throws {
        let directory = try Self.directory()
        for (path, message) in [
            ("\(directory.path)/none", "no such file or directory"),
            ("\(directory.path)/config.json", "is not a directory; a checkpoint is one, or a GGUF file"),
            ("", "no such file or directory"),
        ] {
            let error = #expect(throws: CheckpointError.self) { try Checkpoint(directory: path) }
            #expect(error?.description == "\(path): \(message)")
            #expect(error?.code == .unreadableFile)
        }
    }

    @Test func missingFiles() throws {
        let empty = try TemporaryDirectory()
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(directory: empty.path) }
        #expect(error?.description == "\(empty.path)/config.json: cannot be opened: No such file or directory")

        let bare = try Self.directory()
        let noWeights = #expect(throws: CheckpointError.self) { try Checkpoint(directory: bare.path).weights() }
        #expect(noWeights?.file == bare.path)
        #expect(noWeights?.message.contains("has neither model.safetensors nor model.safetensors.index.json") == true)
    }

    @Test func irregularFiles() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/config.json"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(directory: directory.path) }
        #expect(error?.description == "\(path): is not a regular file but a directory")
        try FileManager.default.removeItem(atPath: path)
        // Nobody ever writes into the pipe, so whoever waits for its first byte never returns.
        try #require(mkfifo(path, 0o600) == 0)
        let pipe = #expect(throws: CheckpointError.self) { try Checkpoint(directory: directory.path) }
        #expect(pipe?.description == "\(path): is not a regular file but a pipe")
    }

    /// A link that leads nowhere is no absence.
    @Test(arguments: ["model.safetensors", "model.safetensors.index.json", "other.json"])
    func linksToNowhere(name: String) throws {
        let directory = try Self.directory()
        let path = "\(directory.path)/\(name)"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
        let error = #expect(throws: CheckpointError.self) {
            let checkpoint = try Checkpoint(directory: directory.path)
            if name == "other.json" { _ = try checkpoint.configFile(name) } else { _ = try checkpoint.weights() }
        }
        let message = "is a symbolic link to what is not there: No such file or directory"
        #expect(error?.description == "\(path): \(message)")
    }

    /// Names of tensors are told apart by their bytes.
    @Test func namesThatLookTheSame() throws {
        let directory = try Self.directory()
        try directory.write("model.safetensors", Self.shard("\u{E9}", "e\u{301}"))
        let weights = try Checkpoint(directory: directory.path).weights()
        #expect(try weights.tensor("e\u{301}", shape: [2]).name.unicodeScalars.count == 2)
        #expect(try weights.tensor("\u{E9}", shape: [2]).name.unicodeScalars.count == 1)
        try directory.write("model.safetensors", Self.shard("\u{212A}"))
        #expect(try !Checkpoint(directory: directory.path).weights().has("K"))
    }

    /// A file that is cut or written to while its tensors are read.
    @Test func changesWhileLoading() throws {
        let directory = try Self.directory()
        try directory.write("model.safetensors", Self.shard("a", "b"))
        let tensor = try Checkpoint(directory: directory.path).weights().tensor("b", shape: [2])
        let path = "\(directory.path)/model.safetensors"
        try #require(truncate(path, 10) == 0)
        let error = #expect(throws: CheckpointError.self) { try tensor.bytes() }
        #expect(error?.code == .unreadableFile)
        #expect(error?.description.hasPrefix("\(path): was changed while it was being read") == true)
    }

    @Test func oneFile() throws {
        let directory = try Self.directory()
        try directory.write("model.safetensors", Self.shard("a.b.weight", "a.bias"))
        let weights = try Checkpoint(directory: directory.path).weights()
        #expect(weights.has("a.bias") && weights["a"]["b"].has("weight") && weights["a.b"].has("weight"))
        #expect(!weights["a"].has("a.bias") && !weights.has("bias"))
        #expect(!weights.isEmpty && !weights["a"].isEmpty && !weights["a"]["b"].isEmpty && weights["b"].isEmpty)
        let tensor = try weights["a"]["b"].tensor("weight", shape: [2])
        #expect(tensor.name == "a.b.weight" && tensor.elementType == .float32)
    }

    @Test func tensorsNameThemselves() throws {
        let directory = try Self.directory()
        try directory.write("model.safetensors", Self.shard("a.b.weight"))
        let weights = try Checkpoint(directory: directory.path).weights()
        let file = "\(directory.path)/model.safetensors"
        let missing = #expect(throws: CheckpointError.self) { try weights["a"]["b"].tensor("bias", shape: [3, 4]) }
        #expect(missing?.code == .missingTensor)
        #expect(missing?.description == "\(file): tensor a.b.bias of shape [3, 4] is missing")
        for shape in [[3], [], [1, 2], [2, 1]] {
            let unfit = #expect(throws: CheckpointError.self) { try weights["a"]["b"].tensor("weight", shape: shape) }
            #expect(unfit?.code == .unfitTensor)
            #expect(
                unfit?.description == "\(file): tensor a.b.weight has the shape [2], but config.json asks for \(shape)")
        }
    }

    // MARK: Several files

    @Test func shards() throws {
        let index = #"{"metadata":{},"weight_map":{"a":"1.safetensors","b":"2.safetensors","c":"1.safetensors"}}"#
        let directory = try Self.directory(["model.safetensors.index.json": index])
        try directory.write("1.safetensors", Self.shard("a", "c", "unlisted"))
        try directory.write("2.safetensors", Self.shard("b"))
        let weights = try Checkpoint(directory: directory.path).weights()
        #expect(weights.has("a") && weights.has("b") && weights.has("c") && !weights.has("unlisted"))
        #expect(try weights.tensor("b", shape: [2]).file == "\(directory.path)/2.safetensors")
        let missing = #expect(throws: CheckpointError.self) { try weights.tensor("d", shape: [2]) }
        #expect(missing?.file == "\(directory.path)/model.safetensors.index.json")
    }

    /// The weight_map of an index beside a file `1.safetensors` that holds `a`; the file at fault, and its message.
    static let indexes: [(map: String, file: String, message: String)] = [
        ("7", "model.safetensors.index.json", "has no weight_map"),
        ("null", "model.safetensors.index.json", "has no weight_map"),
        (#"{"a":"2.safetensors"}"#, "2.safetensors", "cannot be opened: No such file or directory"),
        (#"{"b":"1.safetensors"}"#, "1.safetensors", "tensor b is missing, which "),
        (#"{"a":"1.safetensors","a":"1.safetensors"}"#, "model.safetensors.index.json", "tensor a is there twice"),
        (#"{"a":"config.json"}"#, "config.json", "is too short for a safetensors file"),
    ]

    @Test(arguments: indexes)
    func indexFaults(map: String, file: String, message: String) throws {
        let directory = try Self.directory(["model.safetensors.index.json": #"{"weight_map":\#(map)}"#])
        try directory.write("1.safetensors", Self.shard("a"))
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(directory: directory.path).weights() }
        #expect(error?.file == "\(directory.path)/\(file)")
        #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        #""../1.safetensors""#, #""/etc/passwd""#, #""folder/1.safetensors""#, #""folder/\u0301.safetensors""#,
        #""./1.safetensors""#,
        #"".""#, #""..""#, #"".\u0301""#, #""""#, "7", "null", #"["1.safetensors"]"#, #""1.safetensors\u0000""#,
    ])
    func namesOfNoFileBesideTheIndex(name: String) throws {
        let directory = try Self.directory(["model.safetensors.index.json": #"{"weight_map":{"a":\#(name)}}"#])
        try directory.write("1.safetensors", Self.shard("a"))
        try FileManager.default.createDirectory(atPath: "\(directory.path)/folder", withIntermediateDirectories: false)
        for name in ["1.safetensors", "\u{301}.safetensors"] { try directory.write("folder/\(name)", Self.shard("a")) }
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(directory: directory.path).weights() }
        #expect(
            error?.description
                == "\(directory.path)/model.safetensors.index.json: tensor a names no file beside the index")
    }
}
