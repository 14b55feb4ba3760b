import Foundation
import PenstockCheckpoints
import PenstockTestSupport

/// Makes files of `torch.save`, damaged and random, and does with them what a load does.
struct ArchiveFuzzer {
    private let archives: [[UInt8]]
    private let directory: TemporaryDirectory

    /// Bytes of a tensor that is read; of larger ones only so many at the end.
    private static let readBytes = 1 << 16

    init() throws {
        let folder = Fixtures.path("pickles")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        archives = try names.filter { !$0.hasSuffix(".safetensors") }.map {
            try Fixtures.bytes(atPath: "\(folder)/\($0)")
        }
        directory = try TemporaryDirectory()
    }

    /// Runs one iteration. Returns a word for what came of it.
    func run(_ generator: SeededGenerator) throws -> String {
        var random = generator
        func below(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &random) }
        switch below(4) {
        case 0:
            var bytes = archives[below(archives.count)]
            for _ in 0...below(2) { random.damage(&bytes) }
            return "a damaged file: \(try outcome(bytes))"
        case 1:
            // The zip is whole, so that more of the pickle is seen.
            var pickle = Self.pickle
            for _ in 0...below(3) { random.damage(&pickle) }
            return "a damaged pickle: \(try outcome(Pickled.file(pickle, storages: Self.storages)))"
        case 2:
            let pickle = [0x80, 2] + Self.opcodes(below(400), &random)
            return "random opcodes: \(try outcome(Pickled.file(pickle, storages: Self.storages)))"
        default:
            let part = Self.opcodes(1 + below(6), &random)
            let count = below(1 << 18) / part.count
            let body = Self.opcodes(below(20), &random) + Array(repeatElement(part, count: count).joined())
            return
                "opcodes over and over: \(try outcome(Pickled.file([0x80, 2] + body, storages: Self.storages)))"
        }
    }

    private func outcome(_ file: [UInt8]) throws -> String {
        try directory.write("a.bin", file)
        guard let tensors = try? PyTorchFile(path: "\(directory.path)/a.bin").tensors else { return "refused" }
        for tensor in tensors {
            // Elements have up to eight bytes.
            let count = min(tensor.byteCount, Self.readBytes)
            var bytes = [UInt8](repeating: 0, count: count)
            try? bytes.withUnsafeMutableBytes { try tensor.read(at: tensor.byteCount - count, into: $0) }
        }
        return tensors.isEmpty ? "empty" : "tensors"
    }

    // MARK: - Pickles

    private static let storages: [(String, [UInt8])] = [("0", Array(0..<48)), ("1", Array(0..<8))]

    private static let pickle: [UInt8] = {
        let floats = Pickled.storage("FloatStorage", count: 12)
        return Pickled.document(
            Pickled.dictionary([
                ("a", Pickled.tensor(floats, shape: [3, 4], strides: [4, 1])),
                ("b", Pickled.tensor(floats, offset: 1, shape: [2, 3], strides: [1, 4])),
                ("c", Pickled.tensor(Pickled.storage("LongStorage", key: "1", count: 1), shape: [], strides: [])),
            ]))
    }()

    /// Opcodes that are known, with arguments, and a few that are not.
    private static func opcodes(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<count {
            switch Int.random(in: 0..<16, using: &random) {
            case 0: bytes += Pickled.integer(numbers.randomElement(using: &random) ?? 0)
            case 1: bytes += Pickled.text(words.randomElement(using: &random) ?? "")
            case 2: bytes += globals.randomElement(using: &random) ?? []
            case 3: bytes += [UInt8(ascii: "q"), UInt8.random(in: 0...9, using: &random)]
            case 4: bytes += [UInt8(ascii: "h"), UInt8.random(in: 0...9, using: &random)]
            case 5: bytes += Pickled.tensor(Pickled.storage("FloatStorage", count: 12), shape: [3], strides: [4])
            default: bytes.append("()]}NQRbtuseaK.".utf8.randomElement(using: &random) ?? 0x85)
            }
        }
        return bytes
    }

    private static let words = ["storage", "0", "1", "cpu", "a", "", "weight"]
    private static let numbers = [0, 1, 4, -1, .max, .min, 1 << 31, 1 << 40, 48, 12]
    private static let globals = [
        Pickled.global("collections", "OrderedDict"), Pickled.global("torch._utils", "_rebuild_tensor_v2"),
        Pickled.global("torch._utils", "_rebuild_tensor_v3"), Pickled.global("torch._utils", "_rebuild_parameter"),
        Pickled.global("torch._tensor", "_rebuild_from_type_v2"), Pickled.global("torch", "FloatStorage"),
        Pickled.global("torch", "Size"), Pickled.global("torch", "uint16"), Pickled.global("os", "system"),
    ]
}
