import PenstockCheckpoints
import PenstockJSON
import PenstockTestSupport
import Testing

@Suite struct GGUFFileTests {
    private static func open(_ file: GGUF) throws -> GGUFFile {
        let directory = try TemporaryDirectory()
        try directory.write("a.gguf", file.file)
        return try GGUFFile(path: "\(directory.path)/a.gguf")
    }

    /// Blocks of each kind are the numbers that the `gguf` package decodes, bit by bit.
    @Test func blocks() throws {
        let found = try GGUFFile(path: Fixtures.path("gguf/blocks.gguf")).tensors
        let expected = try SafetensorsFile(path: Fixtures.path("gguf/blocks.safetensors")).tensors
        #expect(found.map(\.name).sorted() == expected.map(\.name).sorted() && found.count == 16)
        for tensor in found {
            let same = try #require(expected.first { $0.name == tensor.name })
            #expect(tensor.shape == same.shape && tensor.elementType == same.elementType, "\(tensor.name)")
            let bytes = try same.bytes()
            let isSame = try tensor.bytes() == bytes
            #expect(isSame, "\(tensor.name)")
            #expect(tensor.stored.form == tensor.name && tensor.stored.bytes <= bytes.count)
            // Pieces begin and end within blocks.
            let size = tensor.name == "F64" ? 8 : tensor.name == "F16" ? 2 : 4
            for (start, count) in [(0, 1), (1, 2), (31, 3), (5, 60), (255, 2)]
            where (start + count) * size <= bytes.count {
                var piece = [UInt8](repeating: 0, count: count * size)
                try piece.withUnsafeMutableBytes { try tensor.read(at: start * size, into: $0) }
                #expect(piece.elementsEqual(bytes[start * size..<(start + count) * size]), "\(tensor.name)")
            }
        }
    }

    @Test(arguments: [UInt32(2), 3])
    func valuesOfAllTypes(version: UInt32) throws {
        var file = GGUF([
            ("u8", .raw(0, [200])), ("i8", .raw(1, [200])), ("u16", .raw(2, [0xFF, 0xFF])),
            ("i16", .raw(3, [0xFF, 0xFF])), ("u32", .uint32(.max)), ("i32", .int32(-7)), ("f32", .float32(0.5)),
            ("bool", .bool(1)), ("string", .string("wörds")), ("u64", .uint64(1 << 40)), ("large", .uint64(.max)),
            ("i64", .raw(11, [UInt8](repeating: 0xFF, count: 8))), ("f64", .raw(12, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F])),
            ("strings", .strings(["a", "", "▁"])), ("none", .array(4, [])),
            ("nested", .array(9, [.array(7, [.bool(0)]), .array(5, [.int32(1), .int32(2)])])),
        ])
        file.version = version
        let values = try Self.open(file).metadata
        let expected: [(String, JSONValue)] = [
            ("u8", .integer(200)), ("i8", .integer(-56)), ("u16", .integer(65535)), ("i16", .integer(-1)),
            ("u32", .integer(4_294_967_295)), ("i32", .integer(-7)), ("f32", .double(0.5)), ("bool", .bool(true)),
            ("string", .string("wörds")), ("u64", .integer(1 << 40)), ("large", .double(0x1p64)), ("i64", .integer(-1)),
            ("f64", .double(1.5)), ("strings", .array([.string("a"), .string(""), .string("▁")])), ("none", .array([])),
            ("nested", .array([.array([.bool(false)]), .array([.integer(1), .integer(2)])])),
        ]
        #expect(values == JSONObject(expected))
    }

    /// Notes need not be UTF-8: paths of other systems get into them.
    @Test(arguments: ["general.name", "quantize.imatrix.file"]) func notesInOtherEncodings(key: String) throws {
        let bytes: [UInt8] = [4, 0, 0, 0, 0, 0, 0, 0, 0x4A, 0xF6, 0x72, 0x67]
        let values = try Self.open(GGUF([(key, .raw(8, bytes)), ("x", .uint32(1))])).metadata
        #expect(values == JSONObject([(key, .string("J\u{FFFD}rg")), ("x", .integer(1))]))
        let array: [UInt8] = [8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0] + bytes
        let list = try Self.open(GGUF([(key, .raw(9, array))])).metadata
        #expect(list == JSONObject([(key, .array([.string("J\u{FFFD}rg")]))]))
    }

    @Test func tensorsAndAlignment() throws {
        var file = GGUF(
            [("general.alignment", .uint32(64))],
            [
                GGUF.Tensor("matrix", [2, 3], floats: [1, 2, 3, 4, 5, 6]), GGUF.Tensor("scalar", [], floats: [7]),
                GGUF.Tensor("empty", [0, 4], floats: []), GGUF.Tensor("bytes", [3], type: 24, [1, 2, 255]),
            ])
        file.alignment = 64
        let tensors = try Self.open(file).tensors
        #expect(tensors.map(\.name) == ["matrix", "scalar", "empty", "bytes"])
        #expect(tensors.map(\.shape) == [[3, 2], [], [4, 0], [3]])
        #expect(tensors.map(\.elementType) == [.float32, .float32, .float32, .int8])
        #expect(try tensors[0].bytes().count == 24 && tensors[3].bytes() == [1, 2, 255])
    }

    /// Faults of headers, and words that the error has.
    private static let faults: [(String, @Sendable (inout GGUF) -> Void)] = [
        ("version 1", { $0.version = 1 }), ("big-endian", { $0.version = 3 << 24 }), ("version 4", { $0.version = 4 }),
        ("9999999999 tensors", { $0.tensorCount = 9_999_999_999 }),
        ("9999999999 key-value pairs", { $0.pairCount = 9_999_999_999 }),
        ("a key has 0 bytes", { $0.pairCount = 9 }), ("key a is there twice", { $0.pairs += [$0.pairs[0]] }),
        ("no type of values 13", { $0.pairs = [("x", .raw(13, []))] }),
        ("key x: a truth value is 2", { $0.pairs = [("x", .bool(2))] }),
        ("bytes of a string", { $0.pairs = [("x", .raw(8, [255, 255, 255, 255, 255, 255, 255, 127]))] }),
        ("not UTF-8", { $0.pairs = [("x", .raw(8, [1, 0, 0, 0, 0, 0, 0, 0, 0xC3]))] }),
        ("a key has 0 bytes", { $0.pairs = [("", .bool(1))] }),
        ("elements, but there may be", { $0.pairs = [("x", .raw(9, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]))] }),
        ("longer than the file", { $0.pairs = [("x", .raw(9, [4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]))] }),
        (
            "nested more than 4 deep",
            { $0.pairs = [("x", (0..<6).reduce(GGUF.Value.array(7, [])) { value, _ in .array(9, [value]) })] }
        ),
        ("general.alignment is 24", { $0.pairs = [("general.alignment", .uint32(24))] }),
        ("general.alignment is 0", { $0.pairs = [("general.alignment", .uint32(0))] }),
        ("general.alignment is \"8\"", { $0.pairs = [("general.alignment", .string("8"))] }),
        ("tensor t is there twice", { $0.tensors += [$0.tensors[0]] }),
        ("name of more than 63 bytes", { $0.tensors[0].name = String(repeating: "n", count: 64) }),
        ("has 5 axes", { $0.tensors[0].extents = [1, 1, 1, 1, 4] }),
        ("unknown type 4711", { $0.tensors[0].type = 4711 }), ("of type IQ2_XXS", { $0.tensors[0].type = 16 }),
        ("rows of 4, but blocks of 32", { $0.tensors[0].type = 2 }),
        ("no multiple of 32", { $0.tensors[0].offset = 4 }),
        ("beyond all memory", { $0.tensors[0].extents = [1 << 40, 1 << 40] }),
        ("beyond all memory", { $0.tensors[0].extents = [1 << 63] }),
        ("ends at byte", { $0.tensors[0].extents = [400] }), ("ends at byte", { $0.tensors[0].offset = 1 << 62 }),
        ("overlaps the one before it", { $0.tensors += [GGUF.Tensor("u", [1], [1, 2, 3, 4], offset: 0)] }),
    ]

    @Test(arguments: faults.indices)
    func wrongHeaders(index: Int) throws {
        let (words, damage) = Self.faults[index]
        var file = GGUF([("a", .uint32(1))], [GGUF.Tensor("t", [4], floats: [1, 2, 3, 4])])
        damage(&file)
        let error = #expect(throws: CheckpointError.self) { try Self.open(file) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.code == .malformedFile && error?.file.hasSuffix("a.gguf") == true)
    }

    /// A file that ends anywhere is an error, or what its header says is there.
    @Test func truncated() throws {
        let directory = try TemporaryDirectory()
        let file = GGUF(
            [("a", .strings(["x", "yz"])), ("b", .float32(1))], [GGUF.Tensor("t", [4], floats: [1, 2, 3, 4])]
        ).file
        let path = "\(directory.path)/a.gguf"
        for count in stride(from: 1, to: file.count - 16, by: 3) {
            try directory.write("a.gguf", file[..<count])
            let error = #expect(throws: CheckpointError.self) { try GGUFFile(path: path) }
            #expect(error?.code == .malformedFile)
        }
        // What fills the last tensor up may be missing.
        try directory.write("a.gguf", file.dropLast(16))
        #expect(try GGUFFile(path: path).tensors.count == 1)
    }

    @Test func gapsBetweenTensors() throws {
        let file = GGUF([], [GGUF.Tensor("a", [1], floats: [1]), GGUF.Tensor("b", [1], floats: [2])])
        var apart = file
        apart.tensors[1].offset = 64
        apart.tensors[1].bytes = [UInt8](repeating: 0, count: 32) + file.tensors[1].bytes
        #expect(try Self.open(apart).tensors[1].bytes() == file.tensors[1].bytes)
    }
}
