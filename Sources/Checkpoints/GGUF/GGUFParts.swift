import PenstockFiles
import PenstockJSON

/// The files of a model that is in one file, or in several whose names end in `-00001-of-00003.gguf` and so on.
struct GGUFParts {
    /// The file with the key-value pairs.
    let first: GGUFFile
    /// The tensors of all files under the names of the files.
    let tensors: [Tensor]

    private static let mostParts = 1000

    /// Opens a file and those that belong to it.
    ///
    /// - Parameter path: that of the first
    init(path: String) throws(CheckpointError) {
        first = try GGUFFile(path: path)
        let pairs = ConfigFile(path: path, object: first.metadata)
        let count = try pairs.size("split.count", default: 1, atLeast: 0)
        guard count > 1 else {
            tensors = first.tensors
            return
        }
        guard count <= Self.mostParts else {
            throw pairs.unsupported("split.count", "a model may have at most \(Self.mostParts) files")
        }
        guard let name = PartName(path: path), name.count == count, name.number == 1,
            try pairs.size("split.no", default: 0, atLeast: 0) == 0
        else {
            throw CheckpointError(
                .malformedFile, file: path,
                "is one of \(count) files of a model: name the first, whose name ends in "
                    + PartName.ending(of: 1, count))
        }
        var tensors = first.tensors
        for number in 2...count {
            let file = try GGUFFile(path: name.path(of: number))
            let own = ConfigFile(path: file.path, object: file.metadata)
            guard try own.size("split.count", atLeast: 0) == count,
                try own.size("split.no", atLeast: 0) == number - 1
            else {
                throw CheckpointError(.malformedFile, file: file.path, "is not file \(number) of \(count)")
            }
            tensors += file.tensors
        }
        try Self.check(tensors, pairs)
        self.tensors = tensors
    }

    private static func check(_ tensors: [Tensor], _ pairs: ConfigFile) throws(CheckpointError) {
        var names = Set<[UInt8]>()
        for tensor in tensors where !names.insert(Array(tensor.name.utf8)).inserted {
            throw CheckpointError(.malformedFile, file: tensor.file, "tensor \(tensor.name) is in two files")
        }
        let key = "split.tensors.count"
        guard try pairs.size(key, default: tensors.count, atLeast: 0) == tensors.count else {
            throw CheckpointError(
                .malformedFile, file: pairs.path,
                "\(key) is \((pairs[key] ?? .null).excerpt), but the files have \(tensors.count) tensors")
        }
    }
}

/// The name of one of several files of a model.
struct PartName {
    /// The path up to the number.
    private let stem: String
    /// The number of the file, from 1 on, and of how many.
    let number: Int
    let count: Int

    /// Nil if the path is no such name.
    init?(path: String) {
        let bytes = Array(path.utf8)
        let length = Self.ending(of: 1, 1).utf8.count
        guard bytes.count > length else { return nil }
        let ending = bytes[(bytes.count - length)...]
        let digits = { (offset: Int) in
            let start = ending.startIndex + offset
            return Int(String(decoding: ending[start..<start + 5], as: UTF8.self))
        }
        guard let number = digits(1), let count = digits(10), number > 0, count > 0,
            ending.elementsEqual(Self.ending(of: number, count).utf8)
        else { return nil }
        stem = String(decoding: bytes.dropLast(length), as: UTF8.self)
        (self.number, self.count) = (number, count)
    }

    /// The path of another of the files.
    func path(of number: Int) -> String { stem + Self.ending(of: number, count) }

    /// The end of a name.
    static func ending(of number: Int, _ count: Int) -> String {
        func digits(_ number: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, 5 - text.utf8.count)) + text
        }
        return "-\(digits(number))-of-\(digits(count)).gguf"
    }
}
