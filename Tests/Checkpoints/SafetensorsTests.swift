import PenstockCheckpoints
import PenstockTestSupport
import Testing

@Suite struct SafetensorsTests {
    @Test func tensorsInTheOrderOfTheirBytes() throws {
        let directory = try TemporaryDirectory()
        let header = #"""
            {"__metadata__":{"format":"pt"},"late":{"dtype":"U8","shape":[2],"data_offsets":[5,7]},
            "empty":{"dtype":"F32","shape":[0,3],"data_offsets":[5,5]},"scalar":{"dtype":"I8","shape":[],"data_offsets":[0,1]},
            "early":{"dtype":"BF16","shape":[1,2],"data_offsets":[1,5]}}
            """#
        try directory.write("a.safetensors", Safetensors.file(header: header.utf8, data: 1...7))
        let tensors = try SafetensorsFile(path: "\(directory.path)/a.safetensors").tensors
        #expect(tensors.map(\.name) == ["scalar", "early", "empty", "late"])
        #expect(tensors.map(\.shape) == [[], [1, 2], [0, 3], [2]])
        #expect(tensors.map(\.elementType) == [.int8, .bfloat16, .float32, .uint8])
        #expect(try tensors.map { try $0.bytes() } == [[1], [2, 3, 4, 5], [], [6, 7]])
        #expect(tensors.allSatisfy { $0.file == "\(directory.path)/a.safetensors" })
    }

    @Test(arguments: [
        ("BOOL", 1), ("U8", 1), ("I8", 1), ("F8_E4M3", 1), ("F8_E5M2", 1), ("U16", 2), ("I16", 2), ("F16", 2),
        ("BF16", 2),
        ("U32", 4), ("I32", 4), ("F32", 4), ("U64", 8), ("I64", 8), ("F64", 8),
    ])
    func sizes(dtype: String, size: Int) throws {
        let directory = try TemporaryDirectory()
        let entry = Safetensors.Entry("t", dtype: dtype, shape: [3, 2], bytes: Array(repeating: 7, count: 6 * size))
        try directory.write("a.safetensors", Safetensors.file([entry]))
        let tensors = try SafetensorsFile(path: "\(directory.path)/a.safetensors").tensors
        #expect(tensors.map(\.elementType.rawValue) == [dtype])
        #expect(try tensors.first?.bytes().count == 6 * size)
    }

    @Test func noTensors() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.safetensors", Safetensors.file([]))
        #expect(try SafetensorsFile(path: "\(directory.path)/a.safetensors").tensors.isEmpty)
    }
}

extension Tensor {
    /// The elements' bytes.
    func bytes() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        try bytes.withUnsafeMutableBytes { try read(at: 0, into: $0) }
        return bytes
    }
}
