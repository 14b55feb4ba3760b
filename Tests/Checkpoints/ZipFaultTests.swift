import PenstockCheckpoints
import PenstockTestSupport
import Testing

/// Zip files that are damaged or mean harm, around a pickle that is correct.
@Suite struct ZipFaultTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func tensors(of file: [UInt8]) throws -> Result<[Tensor], CheckpointError> {
        try directory.write("a.bin", file)
        return Result { () throws(CheckpointError) in try PyTorchFile(path: "\(directory.path)/a.bin").tensors }
    }

    private static let pickle = Pickled.document(
        Pickled.dictionary([
            ("a", Pickled.tensor(Pickled.storage("ByteStorage", count: 4), shape: [4], strides: [1]))
        ]))
    private static let data = Zip.Entry("x/data.pkl", pickle)
    private static let order = Zip.Entry("x/byteorder", Array("little".utf8))
    private static let storage = Zip.Entry("x/data/0", [1, 2, 3, 4])
    private static let zip = "the directory of the zip file"

    static let faults: [(file: [UInt8], message: String)] = [
        (
            Zip.file([data.with(\.method, 8), storage]),
            "the entry \"x/data.pkl\" is compressed or encrypted, but PyTorch stores all as they are; "
                + "load the file with `torch.load`, and save it again with `torch.save`"
        ),
        (
            Zip.file([data, storage.with(\.flags, 1)]),
            "the entry \"x/data/0\" is compressed or encrypted, but PyTorch stores all as they are; "
                + "load the file with `torch.load`, and save it again with `torch.save`"
        ),
        (Zip.file([data, storage, storage]), "\(zip) has the entry \"x/data/0\" twice"),
        (Zip.file([data, storage, data]), "\(zip) has the entry \"x/data.pkl\" twice"),
        (
            Zip.file([data, storage.with(\.size, 5)]), "\(zip) has the wrong size for the entry \"x/data/0\""
        ),
        (
            Zip.file([data, storage.with(\.size, 1 << 30).with(\.packedSize, 1 << 30)]),
            "\(zip) has more bytes than the file"
        ),
        (
            Zip.file([data, storage.with(\.size, 100).with(\.packedSize, 100)]),
            "the entry \"x/data/0\" lies outside of the file"
        ),
        (
            Zip.file([data, storage.with(\.size, .max).with(\.packedSize, .max)]),
            "\(zip) has more bytes than the file"
        ),
        (Zip.file([data, storage.with(\.offset, 1)]), "the entry \"x/data/0\" has no header"),
        (Zip.file([data, storage.with(\.offset, 0)]), "the entry \"x/data/0\" has another name in its header"),
        (Zip.file([data, storage.with(\.offset, .max)]), "the entry \"x/data/0\" lies outside of the file"),
        (
            Zip.file([data, storage.with(\.headerName, "x/data/1")]),
            "the entry \"x/data/0\" has another name in its header"
        ),
        (Zip.file([data, storage], count: 1), "\(zip) has 2 entries, but its end says 1"),
        (Zip.file([data, storage], count: 3), "\(zip) has 2 entries, but its end says 3"),
        (
            Zip.file([data, storage], isWide: true, count: .max),
            "\(zip) has 2 entries, but its end says \(Int.max)"
        ),
        (Zip.file([data, storage], isWide: true, count: -1), "\(zip) is not where the end says"),
        (Zip.file([data, storage], offset: 0), "\(zip) is not where the end says"),
        (Zip.file([data, storage], isWide: true, offset: -1), "\(zip) is not where the end says"),
        (Zip.file([data, storage], isWide: true, offset: .max), "\(zip) is not where the end says"),
        (Zip.file([order, storage]), "has no data.pkl; it is no file of `torch.save`"),
        (
            Zip.file([data, Zip.Entry("y/data/0", [1, 2, 3, 4])]),
            "tensor a lies in data/0, which is not there"
        ),
        (
            Zip.file([data, Zip.Entry("x/byteorder", Array("big".utf8)), storage]),
            "has the byteorder \"big\", but has to be little; save it again on a machine of today"
        ),
        (
            Zip.file([data, Zip.Entry("x/byteorder", Array(repeating: 0x61, count: 1 << 20)), storage]),
            "has the byteorder \"aaaaaaaaaa\", but has to be little; save it again on a machine of today"
        ),
    ]

    @Test(arguments: faults)
    func damagedZips(file: [UInt8], message: String) throws {
        let error = #expect(throws: CheckpointError.self) { try tensors(of: file).get() }
        #expect(error?.message == message)
    }

    /// A file that ends anywhere else is an error.
    @Test(arguments: [false, true])
    func truncations(isWide: Bool) throws {
        let whole = Zip.file([Self.data, Self.order, Self.storage], isWide: isWide)
        for count in whole.indices {
            let result = try tensors(of: Array(whole[..<count]))
            #expect(throws: CheckpointError.self, "\(count) bytes") { try result.get() }
        }
        #expect(throws: CheckpointError.self) { try tensors(of: whole + [0]).get() }
    }

    /// Whatever byte has whatever other value: an error, or tensors that can be read; where the byte belongs neither to
    /// the pickle nor to a storage, the same tensors.
    @Test func otherBytes() throws {
        let whole = try Fixtures.bytes(atPath: Fixtures.path("pickles/module.bin"))
        let expected = try tensors(of: whole).get().map { try Contents($0) }
        let pickle = try Self.pickleEnd(whole)
        var generator = SeededGenerator(seed: 11)
        var (errors, same) = (0, 0)
        for offset in whole.indices {
            var damaged = whole
            damaged[offset] ^= UInt8.random(in: 1...255, using: &generator)
            guard case .success(let tensors) = try tensors(of: damaged) else {
                errors += 1
                continue
            }
            let found = try tensors.map { try Contents($0) }
            if found.map(\.bytes) == expected.map(\.bytes) { same += 1 }
            let isElsewhere = offset >= pickle && found.map(\.bytes.count) == expected.map(\.bytes.count)
            #expect(isElsewhere || offset < pickle, "byte \(offset)")
        }
        #expect(errors > 300 && same > 500, "\(errors) errors, \(same) times the same")
    }

    private struct Contents {
        let bytes: [UInt8]

        init(_ tensor: Tensor) throws { bytes = try tensor.bytes() }
    }

    /// The byte behind the pickle, which is the first entry.
    private static func pickleEnd(_ file: [UInt8]) throws -> Int {
        let second: [UInt8] = [0x50, 0x4B, 3, 4]
        return try #require((4..<file.count).first { file[$0...].starts(with: second) })
    }
}
