import Foundation
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

/// Whatever byte of whatever file is wrong: an error, or a pipeline that works with what it read.
@Suite struct DamagedFilesTests {
    private static let checkpoints = [
        "st-prompts-excluded", "st-dense-normalize", "bert-relu-sharded", "bert-old-names",
    ]

    /// All files of a checkpoint, but for the goldens and the weights of the model itself, which tests of their own damage.
    private static func files(_ directory: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory).filter { name in
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(directory)/\(name)", isDirectory: &isDirectory)
            return !isDirectory.boolValue && name != "golden.json" && !name.hasPrefix("model")
        }.sorted()
            + ["model.safetensors.index.json"].filter { FileManager.default.fileExists(atPath: "\(directory)/\($0)") }
    }

    @Test(arguments: checkpoints)
    func isAnErrorOrHarmless(checkpoint: String) async throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint(checkpoint))
        let inputs = JSONValue.string(checkpoint.hasPrefix("st") ? "the cat" : "the [MASK]")
        var generator = SeededGenerator(seed: 23)
        var failures = 0
        func load() async {
            do {
                _ = try await JSONPipeline(directory: directory.path).prepare(inputs)
            } catch {
                failures += 1
                #expect(!"\(error)".isEmpty)
            }
        }
        await load()
        #expect(failures == 0)
        for file in try Self.files(directory.path) {
            let bytes = try directory.read(file)
            let offsets =
                bytes.count <= 600
                ? Array(bytes.indices)
                : (0..<150).map { _ in
                    Int.random(in: bytes.indices, using: &generator)
                }
            for offset in offsets {
                var damaged = bytes
                damaged[offset] ^= UInt8.random(in: 1...255, using: &generator)
                try directory.write(file, damaged)
                await load()
            }
            for _ in 0..<10 {
                try directory.write(file, bytes.prefix(Int.random(in: bytes.indices, using: &generator)))
                await load()
            }
            try directory.write(file, bytes)
        }
        #expect(failures > 100)
    }
}
