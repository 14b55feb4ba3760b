import PenstockFiles

/// The zip file that `torch.save` writes: all that is in it lies in one folder.
struct PyTorchArchive: Sendable {
    let file: InputFile
    private let zip: ZipDirectory
    /// The name of the folder, with a slash.
    private let root: [UInt8]

    /// Opens a zip file.
    ///
    /// - Throws: an error that says how to convert the file if it is none.
    init(path: String) throws(CheckpointError) {
        file = try CheckpointFile.open(path)
        let start = try CheckpointFile.withBytes(of: file, 0..<min(file.size, 265)) { Array($0) }
        guard start.starts(with: [0x50, 0x4B, 3, 4]) else { throw Self.noZip(path, start) }
        zip = try ZipDirectory(of: file)
        root = zip.firstName.prefix { $0 != UInt8(ascii: "/") } + [UInt8(ascii: "/")]
    }

    /// The bytes of the file that an entry of the folder is; nil if there is none.
    func range(of name: some Sequence<UInt8>) throws(CheckpointError) -> Range<Int>? {
        try zip.range(of: root + name)
    }

    /// The error of an archive that breaks its format.
    func malformed(_ message: String) -> CheckpointError { Self.malformed(file.path, message) }

    private static func malformed(_ path: String, _ message: String) -> CheckpointError {
        CheckpointError(.malformedFile, file: path, message)
    }

    /// The error of a file that is no zip, by its first bytes: a pickle of PyTorch before 1.6, or a tar of PyTorch
    /// before 0.1.10.
    private static func noZip(_ path: String, _ start: [UInt8]) -> CheckpointError {
        let isPickle = start.first == 0x80
        let isTar = start.dropFirst(257).starts(with: "ustar".utf8)
        guard isPickle || isTar else { return malformed(path, "is no file of `torch.save`") }
        return malformed(
            path,
            "is a \(isPickle ? "pickle" : "tar"), as PyTorch wrote it before version 1.6; load it in Python with "
                + "`torch.load`, and save it again with `torch.save`, or its tensors as safetensors")
    }
}
