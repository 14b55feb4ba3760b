import Foundation
import PenstockCheckpoints
import PenstockTestSupport
import PenstockTokenizers

/// Opens damaged and random GGUF files, and reads what they are said to hold. A file is an error or a model.
@main
struct GGUFFuzz {
    static func main() throws {
        let fuzzer = try FileFuzzer()
        try FuzzLoop.main("gguf-fuzz") { try fuzzer.run($0) }
    }
}

/// Makes files, and does with them what a load does.
private struct FileFuzzer {
    private let files: [[UInt8]]
    private let directory: TemporaryDirectory

    /// Bytes of a tensor that is read; of larger ones only so many at the end.
    private static let readBytes = 1 << 16

    init() throws {
        let folder = Fixtures.path("gguf")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        files = try names.filter { $0.hasSuffix(".gguf") }.map { try Fixtures.bytes(atPath: "\(folder)/\($0)") }
        directory = try TemporaryDirectory()
    }

    /// Runs one iteration. Returns a word for what came of it.
    func run(_ generator: SeededGenerator) throws -> String {
        var random = generator
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            var bytes = files.randomElement(using: &random) ?? []
            for _ in 0...Int.random(in: 0..<3, using: &random) { random.damage(&bytes) }
            return "a damaged file: \(try outcome(bytes))"
        case 1:
            // Damage to what stands first meets more of the reader.
            let bytes = files.randomElement(using: &random) ?? []
            var start = Array(bytes.prefix(2000))
            for _ in 0...Int.random(in: 0..<3, using: &random) { random.damage(&start) }
            return "a damaged header: \(try outcome(start + bytes.dropFirst(2000)))"
        default: return "random pairs: \(try outcome(Self.file(&random).file))"
        }
    }

    private func outcome(_ file: [UInt8]) throws -> String {
        try directory.write("a.gguf", file)
        let path = "\(directory.path)/a.gguf"
        guard let found = try? GGUFFile(path: path) else { return "refused" }
        for tensor in found.tensors {
            // Elements have up to eight bytes.
            let count = min(tensor.byteCount, Self.readBytes)
            var bytes = [UInt8](repeating: 0, count: count)
            try? bytes.withUnsafeMutableBytes { try tensor.read(at: tensor.byteCount - count, into: $0) }
        }
        if let tokenizer = try? Tokenizer(gguf: found.metadata, file: path) {
            _ = try? tokenizer.encode("a bc</s> ▁é").ids
            return "a tokenizer"
        }
        return (try? Checkpoint(directory: path)) == nil ? "tensors" : "a model"
    }

    // MARK: - Pairs

    private static func file(_ random: inout SeededGenerator) -> GGUF {
        var pairs: [(key: String, value: GGUF.Value)] = [
            ("general.architecture", .string("llama")), ("tokenizer.ggml.model", .string(words(1, &random)[0])),
            ("tokenizer.ggml.tokens", .strings(words(20, &random))),
        ]
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            let key = keys.randomElement(using: &random) ?? ""
            if !pairs.contains(where: { $0.key == key }) { pairs.append((key, value(&random, depth: 0))) }
        }
        return GGUF(pairs, [GGUF.Tensor("token_embd.weight", [2, 3], floats: [1, 2, 3, 4, 5, 6])])
    }

    private static func words(_ count: Int, _ random: inout SeededGenerator) -> [String] {
        (0..<count).map { _ in
            ["gpt2", "llama", "bert", "t5", "a", "b", "ab", "▁a", "<0x41>", "</s>", " ", "é", "[CLS]"]
                .randomElement(using: &random) ?? ""
        }
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> GGUF.Value {
        switch Int.random(in: 0..<(depth > 2 ? 6 : 8), using: &random) {
        case 0: .bool(UInt8.random(in: 0...2, using: &random))
        case 1: .uint32(numbers.randomElement(using: &random) ?? 0)
        case 2: .int32(Int32.random(in: -3...20, using: &random))
        case 3: .float32([0, 1, -1, .nan, .infinity, 1e-5, 1e30].randomElement(using: &random) ?? 0)
        case 4: .uint64(random.next())
        case 5: .string(words(1, &random)[0])
        case 6: .strings(words(20, &random))
        default:
            .array(5, (0..<20).map { _ in .int32(Int32.random(in: -1...6, using: &random)) })
        }
    }

    private static let numbers: [UInt32] = [0, 1, 2, 3, 7, 1 << 20, .max]
    private static let keys =
        [
            "pre", "merges", "scores", "token_type", "add_bos_token", "add_eos_token", "add_space_prefix",
            "bos_token_id", "eos_token_id", "unknown_token_id", "seperator_token_id", "precompiled_charsmap",
        ].map { "tokenizer.ggml.\($0)" }
        + [
            "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count",
            "attention.head_count_kv", "attention.layer_norm_rms_epsilon", "attention.key_length", "rope.scaling.type",
            "rope.scaling.factor", "rope.freq_base",
        ].map { "llama.\($0)" } + ["general.alignment", "split.count", "general.sampling.temp"]
}
