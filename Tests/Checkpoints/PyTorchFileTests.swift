import Foundation
import PenstockCheckpoints
import PenstockTestSupport
import Testing

@Suite struct PyTorchFileTests {
    /// What PyTorch saved is what it saved as safetensors: names, types, shapes and bytes.
    @Test(arguments: ["types", "layouts", "others", "module"])
    func archivesOfPyTorch(name: String) throws {
        let found = try PyTorchFile(path: Fixtures.path("pickles/\(name).bin")).tensors
        let expected = try SafetensorsFile(path: Fixtures.path("pickles/\(name).safetensors")).tensors
        #expect(found.map(\.name).sorted() == expected.map(\.name).sorted())
        for tensor in expected {
            let same = try #require(found.first { $0.name == tensor.name })
            #expect(same.elementType == tensor.elementType && same.shape == tensor.shape, "\(tensor.name)")
            #expect(try same.bytes() == tensor.bytes(), "\(tensor.name)")
            try expectSamePieces(same)
        }
    }

    /// A tensor in pieces of a few elements is the same as the whole.
    private func expectSamePieces(_ tensor: Tensor) throws {
        let whole = try tensor.bytes()
        let size = whole.count / max(1, tensor.shape.reduce(1, *))
        for count in [size, 3 * size] where count > 0 {
            for start in stride(from: 0, to: whole.count, by: count) {
                var piece = [UInt8](repeating: 0, count: min(count, whole.count - start))
                try piece.withUnsafeMutableBytes { try tensor.read(at: start, into: $0) }
                #expect(piece.elementsEqual(whole[start..<start + piece.count]))
            }
        }
    }

    /// A matrix with its axes exchanged, larger than what is gathered at one time, in a storage larger than what is
    /// read at one time.
    @Test func largeTransposedMatrix() throws {
        let (rows, columns) = (401, 307)
        let directory = try TemporaryDirectory()
        // Column after column.
        let storage = (0..<columns).flatMap { column in (0..<rows).flatMap { Self.bytes($0 * columns + column) } }
        let tensor = Pickled.tensor(
            Pickled.storage("IntStorage", count: rows * columns), shape: [rows, columns], strides: [1, rows])
        try directory.write(
            "a.bin",
            Pickled.file(Pickled.document(Pickled.dictionary([("a", tensor)])), storages: [("0", storage)]))
        let found = try #require(try PyTorchFile(path: "\(directory.path)/a.bin").tensors.first)
        #expect(found.shape == [rows, columns] && found.elementType == .int32)
        let isInOrder = try found.bytes() == (0..<rows * columns).flatMap(Self.bytes)
        #expect(isInOrder)
    }

    private static func bytes(_ value: Int) -> [UInt8] { Pickled.little(value, 4) }

    static let weight = Pickled.tensor(Pickled.storage("ByteStorage", count: 4), shape: [2, 2], strides: [2, 1])

    /// Sizes of 64 bits, a comment at the end, and bytes between an entry's name and itself.
    @Test(arguments: [false, true], ["", "PK\u{5}\u{6} is no end"])
    func zipsOfOtherKinds(isWide: Bool, comment: String) throws {
        let directory = try TemporaryDirectory()
        let pickle = Pickled.document(Pickled.dictionary([("a", Self.weight)]))
        let entries = [
            Zip.Entry("x/data.pkl", pickle).with(\.padding, 29), Zip.Entry("x/data/0", [1, 2, 3, 4]),
            Zip.Entry("elsewhere", []),
        ]
        try directory.write("a.bin", Zip.file(entries, comment: comment, isWide: isWide))
        let tensors = try PyTorchFile(path: "\(directory.path)/a.bin").tensors
        #expect(try tensors.map { try $0.bytes() } == [[1, 2, 3, 4]])
    }

    @Test func noTensors() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.bin", Pickled.file(Pickled.document(Pickled.dictionary([]))))
        #expect(try PyTorchFile(path: "\(directory.path)/a.bin").tensors.isEmpty)
    }

    // MARK: In a checkpoint

    @Test func safetensorsWin() throws {
        let directory = try TemporaryDirectory()
        try directory.write("config.json", "{}".utf8)
        let index = #"{"weight_map":{"a":"one.bin"}}"#
        let files: [(name: String, bytes: [UInt8])] = [
            ("pytorch_model.bin.index.json", Array(index.utf8)),
            (
                "pytorch_model.bin",
                Pickled.file(
                    Pickled.document(Pickled.dictionary([("a", Self.weight)])), storages: [("0", [1, 2, 3, 4])])
            ),
            ("model.safetensors", Safetensors.file([Safetensors.Entry("a", shape: [1], [1])])),
        ]
        try directory.write("one.bin", files[1].bytes)
        for (name, bytes) in files {
            try directory.write(name, bytes)
            #expect(try Checkpoint(directory: directory.path).weights().file == "\(directory.path)/\(name)")
        }
        #expect(try Checkpoint(directory: directory.path).weights().shape(of: "a") == [1])
    }
}
