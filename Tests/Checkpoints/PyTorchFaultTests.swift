import PenstockCheckpoints
import PenstockTestSupport
import Testing

/// Archives that are damaged or mean harm: an error that says so, and nothing else happens.
@Suite struct PyTorchFaultTests {
    private static func error(of file: [UInt8]) throws -> CheckpointError? {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/pytorch_model.bin"
        try directory.write("pytorch_model.bin", file)
        do {
            _ = try PyTorchFile(path: path)
            return nil
        } catch {
            #expect(error.file == path && error.code == .malformedFile)
            return error
        }
    }

    // MARK: Files of PyTorch

    static let refused = [
        ("legacy", "is a pickle, as PyTorch wrote it before version 1.6; load it in Python with `torch.load`"),
        (
            "wrapped",
            #"has no tensors at its top, where `transformers` looks for them; save what is under "state_dict" alone"#
        ),
        ("tensor", "data.pkl holds no dictionary of tensors; save the `state_dict()` of the model"),
        ("complex", #"data.pkl would run code: "torch.ComplexFloatStorage" is none of the names that tensors need"#),
        ("negative", "a tensor that is the negative or the conjugate of what is stored; save a copy of it"),
        ("sparse", #"data.pkl would run code: "torch._utils._rebuild_sparse_tensor" is none of the names"#),
        ("module", #"data.pkl would run code: "torch.nn.modules.linear.Linear" is none of the names"#),
        ("protocol", "data.pkl is a pickle of protocol 4, but `torch.save` writes protocol 2"),
        ("script", "is a TorchScript program; save the `state_dict()` of the model"),
    ]

    @Test(arguments: refused)
    func otherFilesOfPyTorch(name: String, message: String) throws {
        let error = try Self.error(of: Fixtures.bytes(atPath: Fixtures.path("pickles/\(name).refused")))
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "no error")")
    }

    @Test func noZip() throws {
        #expect(try Self.error(of: [])?.message == "is empty")
        #expect(try Self.error(of: [1])?.message == "is no file of `torch.save`")
        let tar = [UInt8](repeating: 0, count: 257) + Array("ustar".utf8) + [UInt8](repeating: 0, count: 300)
        #expect(try Self.error(of: tar)?.message.hasPrefix("is a tar, as PyTorch wrote it") == true)
        let start: [UInt8] = [0x50, 0x4B, 3, 4]
        let error = try Self.error(of: start + [UInt8](repeating: 0, count: 200_000))
        #expect(error?.message == "the directory of the zip file is missing: the file is truncated, or no zip file")
    }

    // MARK: Pickles

    private static let storage = Pickled.storage("ByteStorage", count: 4)
    private static let weight = Pickled.tensor(storage, shape: [4], strides: [1])
    private static let orderedDict = Pickled.global("collections", "OrderedDict")
    private static let rebuild = Pickled.global("torch._utils", "_rebuild_tensor_v2")

    private static func run(_ module: String, _ name: String) -> [UInt8] {
        Pickled.call(Pickled.global(module, name), [Pickled.text("touch /tmp/harm")])
    }

    private static func tensor(
        _ shape: [Int], _ strides: [Int], offset: Int = 0, of storage: [UInt8] = storage
    ) -> [UInt8] {
        Pickled.dictionary([("a", Pickled.tensor(storage, offset: offset, shape: shape, strides: strides))])
    }

    /// What stands between the protocol and the end of a pickle, and a part of the message.
    static let pickles: [(body: [UInt8], message: String)] = [
        (run("os", "system"), #"would run code: "os.system" is none of the names that tensors need"#),
        (run("posix", "system"), #"would run code: "posix.system""#),
        (run("builtins", "eval"), #"would run code: "builtins.eval""#),
        (run("torch.hub", "load"), #"would run code: "torch.hub.load""#),
        (run("collections", "OrderedDict"), "an OrderedDict with arguments"),
        (run("torch", "FloatStorage"), "a call with the wrong arguments"),
        (run("torch._utils", "_rebuild_tensor_v2"), "a tensor with the wrong arguments"),
        (run("torch._utils", "_rebuild_parameter"), "a call with the wrong arguments"),
        (run("torch._tensor", "_rebuild_from_type_v2"), "a call with the wrong arguments"),
        (
            Pickled.call(
                Pickled.global("torch._tensor", "_rebuild_from_type_v2"),
                [Pickled.global("torch._tensor", "_rebuild_from_type_v2"), [0x88], Pickled.tuple([])]),
            "a call with the wrong arguments"
        ),
        (Pickled.global(String(repeating: "a", count: 5000), "b"), #"…"#),
        (Pickled.ops("cos\u{0}\nsystem\n"), #"would run code: "os\u0000.system""#),
        (Pickled.ops("ios\nsystem\n"), "the opcode 105 has no place in a pickle of tensors"),
        (Pickled.ops("S'a'\n"), "the opcode 83 has no place"), ([0x81], "the opcode 129 has no place"),
        ([0x93], "the opcode 147 has no place"), ([0x82, 1], "the opcode 130 has no place"),
        (Pickled.ops("P0\n"), "the opcode 80 has no place"), ([0x95], "the opcode 149 has no place"),
        ([], "a value is missing"), (Pickled.ops("0"), "the opcode 48 has no place"),
        (Pickled.ops("t"), "a mark is missing"), (Pickled.ops("NNt"), "a mark is missing"),
        (Pickled.ops("N(") + [0x85], "a value is missing"), ([0x87], "a value is missing"),
        (Pickled.ops("N(R"), "a value is missing"), (Pickled.ops("NNR"), "a call of what is no function"),
        (orderedDict + Pickled.ops("NR"), "a call of what is no function"),
        (Pickled.ops("Nq\u{1}"), "the memo's entry 1 comes before its entry 0"),
        (Pickled.ops("Nr") + Pickled.little(1_000_000_000, 4), "the memo's entry 1000000000 comes before its entry 0"),
        (Pickled.ops("Nr") + Pickled.little(-1, 4), "the memo's entry 4294967295 comes before its entry 0"),
        (Pickled.ops("h\u{0}"), "the memo has no entry 0"),
        (Pickled.ops("j") + Pickled.little(-1, 4), "the memo has no entry 4294967295"),
        (Pickled.ops("Nq\u{0}q\u{0}q\u{1}h\u{2}"), "the memo has no entry 2"),
        (Pickled.ops("q\u{0}"), "a value is missing"),
        (Pickled.ops("X") + Pickled.little(-1, 4), "ends too soon"), (Pickled.ops("U\u{7F}abc"), "ends too soon"),
        (Pickled.ops("cos"), "ends too soon"), (Pickled.ops("cos\nsystem"), "ends too soon"),
        ([0x8A, 9] + Pickled.little(1, 9), "an integer of 9 bytes"), ([0x8A, 255], "ends too soon"),
        (Pickled.ops("NNs"), "a value is missing"), (Pickled.ops("NNNs"), "entries of what is no dictionary"),
        (Pickled.ops("}(Nu"), "a key without a value"), (Pickled.ops("}(Ne"), "elements of what is no list"),
        (Pickled.ops("NNb"), "a state for what is no dictionary"), (Pickled.ops("Nb"), "a value is missing"),
        (Pickled.ops("NQ"), "an id of what is no storage"),
        (Pickled.tuple([]) + Pickled.ops("Q"), "an id of what is no"),
        (Pickled.ops("N"), "holds no dictionary of tensors"), (Pickled.integers([1]), "holds no dictionary of tensors"),
        (Pickled.ops("K\u{5}"), "holds no dictionary of tensors"), (orderedDict, "holds no dictionary of tensors"),
        (Pickled.dictionary([("a", weight), ("a", weight)]), "tensor a is there twice"),
        (Pickled.dictionary([("model", Pickled.dictionary([("a", weight)]))]), #"save what is under "model" alone"#),
        (Pickled.dictionary([("epoch", Pickled.integer(1))]), "has no tensors"),
        (Pickled.ops("}X") + Pickled.little(1, 4) + [0xFF] + weight + Pickled.ops("s"), "a text is no UTF-8"),
        // Storages
        (
            tensor([4], [1], of: Pickled.storage("FloatStorage", count: 4)),
            "data/0 has 4 bytes, but tensor a needs 16 there"
        ),
        (
            tensor([3], [1], of: Pickled.storage("ByteStorage", count: 3)),
            "data/0 has 4 bytes, but tensor a needs 3 there"
        ),
        (tensor([4], [1], of: Pickled.storage("ByteStorage", count: -4)), "a storage that is none"),
        (tensor([4], [1], of: Pickled.storage("LongStorage", count: 1 << 60)), "a storage beyond all memory"),
        (
            tensor([4], [1], of: Pickled.storage("ByteStorage", count: .max)),
            "data/0 has 4 bytes, but tensor a needs 92233"
        ),
        (
            tensor([4], [1], of: Pickled.storage("ByteStorage", key: "7", count: 4)),
            "tensor a lies in data/7, which is not there"
        ),
        (
            tensor([4], [1], of: Pickled.storage("ByteStorage", key: "../data.pkl", count: 4)),
            "tensor a lies in data/../data.pkl, which is not there"
        ),
        (tensor([4], [1], of: Pickled.ops("N")), "a tensor with the wrong arguments"),
        (
            tensor([4], [1], of: Pickled.tuple(Array(repeating: Pickled.ops("N"), count: 5)) + Pickled.ops("Q")),
            "a storage that is none"
        ),
        // Shapes
        (tensor([5], [1]), "tensor a ends at element 5 of data/0, which has 4"),
        (tensor([4], [1], offset: 1), "tensor a ends at element 5 of data/0, which has 4"),
        (tensor([1], [1], offset: .max), "tensor a has a shape, strides or an offset that are none"),
        (tensor([2], [1], offset: .max), "tensor a has a shape, strides or an offset that are none"),
        (tensor([4], [1], offset: -1), "tensor a has a shape, strides or an offset that are none"),
        (tensor([2], [4]), "tensor a ends at element 5 of data/0, which has 4"),
        (tensor([2], [.max]), "tensor a has a shape, strides or an offset that are none"),
        (tensor([3], [.max]), "tensor a has a shape, strides or an offset that are none"),
        (tensor([2], [-1], offset: 3), "tensor a has a shape, strides or an offset that are none"),
        (tensor([-4], [1]), "tensor a has a shape, strides or an offset that are none"),
        (tensor([4], [1, 1]), "tensor a has a shape, strides or an offset that are none"),
        (tensor([1 << 32, 1 << 32], [0, 0]), "tensor a has a shape, strides or an offset that are none"),
        (tensor([1 << 45], [0]), "tensor a has a shape, strides or an offset that are none"),
        (
            tensor(Array(repeating: 1, count: 65), Array(repeating: 1, count: 65)),
            "tensor a has a shape, strides or an offset that are none"
        ),
        (
            Pickled.dictionary([
                (
                    "a",
                    Pickled.call(
                        rebuild,
                        [
                            storage, Pickled.integer(0), Pickled.tuple([Pickled.ops("N")]), Pickled.integers([1]),
                            [0x89],
                            Pickled.ops("N"),
                        ])
                )
            ]), "tensor a has a shape, strides or an offset that are none"
        ),
    ]

    @Test(arguments: pickles)
    func hostilePickles(body: [UInt8], message: String) throws {
        let file = Pickled.file(Pickled.document(body), storages: [("0", [1, 2, 3, 4])])
        let found = try Self.error(of: file)?.message ?? "no error"
        #expect(found.contains(message) && found.utf8.count < 400, "\(found)")
    }

    /// Opcodes over and over, up to the most bytes that a pickle may have, and a part of the message.
    static let bombs: [(start: [UInt8], opcodes: [UInt8], message: String)] = [
        ([], Pickled.ops(")"), "more than 65536 values at a time"),
        ([], Pickled.ops("("), "nested deeper than 256"),
        ([], Pickled.ops("}"), "more than 65536 values at a time"),
        (Pickled.ops("N"), [0x85], "more values than a pickle of tensors has"),
        (Pickled.ops("]"), Pickled.ops("Na"), "ends too soon"),
        (Pickled.ops("}"), Pickled.ops("NNs"), "more values than a pickle of tensors has"),
        (Pickled.ops("Nq\u{0}}"), Pickled.ops("h\u{0}h\u{0}s"), "more values than a pickle of tensors has"),
        (Pickled.ops("Nq\u{0}"), Pickled.ops("q\u{0}"), "ends too soon"),
        (orderedDict + Pickled.ops("q\u{0}"), Pickled.ops("h\u{0})R"), "more than 65536 values at a time"),
        (Pickled.ops("N("), Pickled.ops("N"), "more than 65536 values at a time"),
    ]

    @Test(arguments: bombs)
    func opcodesOverAndOver(start: [UInt8], opcodes: [UInt8], message: String) throws {
        let count = (1 << 20) / opcodes.count
        let body = start + Array(repeatElement(opcodes, count: count).joined())
        let found = try Self.error(of: Pickled.file([0x80, 2] + body))?.message ?? "no error"
        #expect(found.contains(message), "\(found)")
    }

    @Test func longPickles() throws {
        let pickle = [0x80, 2] + [UInt8](repeating: UInt8(ascii: "N"), count: 16 << 20)
        let error = try Self.error(of: Pickled.file(pickle))
        #expect(error?.message == "has a data.pkl of 16777218 bytes; more than 16777216 are not read")
    }

    /// Texts of megabytes that half a million entries name are not read as often, and names of tensors are shorter.
    @Test func longNames() throws {
        let long = String(repeating: "x", count: 4 << 20)
        let again = repeatElement(Pickled.ops("h\u{0}Ns"), count: 500_000).joined()
        let pickle = Pickled.document(Pickled.ops("}") + Pickled.text(long) + Pickled.ops("q\u{0}Ns") + again)
        #expect(try Self.error(of: Pickled.file(pickle))?.message == "has no tensors")

        for (body, message) in [
            (Pickled.dictionary([(long, Self.weight)]), "has a tensor whose name has more than 4096 bytes"),
            (
                Self.tensor([4], [1], of: Pickled.storage("ByteStorage", key: long, count: 4)),
                "has a storage whose name has more than 4096 bytes"
            ),
        ] {
            let file = Pickled.file(Pickled.document(body), storages: [("0", [1, 2, 3, 4])])
            #expect(try Self.error(of: file)?.message == message)
        }
    }

}
