import PenstockFiles
import PenstockJSON

/// A file in the GGUF format, versions 2 and 3: key-value pairs, what there is of each tensor, and the tensors' bytes.
///
/// Nothing of the header is believed: every tensor lies within the file, has the bytes that its shape and type need, and
/// shares none with another. Gaps between tensors are allowed.
package struct GGUFFile {
    /// The path.
    let path: String
    /// The key-value pairs, none of whose keys is there twice.
    package let metadata: JSONObject
    /// The bytes of the header.
    package let headerBytes: Int
    /// The tensors under the names of the file, in its order.
    package let tensors: [Tensor]

    private static let mostTensors = 1 << 17
    private static let mostPairs = 1 << 12
    private static let longestKey = (1 << 16) - 1
    private static let defaultAlignment = 32
    private static let largestAlignment = 1 << 30

    /// Returns true if a file begins as those of this format do.
    static func isOne(_ path: String) throws(CheckpointError) -> Bool {
        let file = try CheckpointFile.open(path)
        guard file.size >= 4 else { return false }
        return try CheckpointFile.withBytes(of: file, 0..<4) { $0.elementsEqual("GGUF".utf8) }
    }

    /// Opens the file and checks its header.
    package init(path: String) throws(CheckpointError) {
        self.path = path
        var cursor = FileCursor(try CheckpointFile.open(path))
        try Self.checkVersion(&cursor)
        let tensorCount = try cursor.count(atMost: Self.mostTensors, of: "tensors")
        let pairCount = try cursor.count(atMost: Self.mostPairs, of: "key-value pairs")
        let metadata = try Self.pairs(pairCount, &cursor)
        let alignment = try Self.alignment(metadata, cursor)
        var infos: [GGUFTensorInfo] = []
        var names = Set<[UInt8]>()
        for _ in 0..<tensorCount {
            let start = cursor.position
            let info = try GGUFTensorInfo(&cursor, alignment: alignment)
            guard names.insert(Array(info.name.utf8)).inserted else {
                throw cursor.malformed("tensor \(info.name) is there twice", at: start)
            }
            infos.append(info)
        }
        self.metadata = JSONObject(metadata)
        headerBytes = cursor.position
        let start = (cursor.position + alignment - 1) / alignment * alignment
        try Self.checkPlaces(infos, from: start, cursor)
        tensors = infos.map { Self.tensor($0, from: start, in: cursor.input) }
    }

    private static func checkVersion(_ cursor: inout FileCursor) throws(CheckpointError) {
        guard cursor.remaining >= 8, try cursor.bytes(4).elementsEqual("GGUF".utf8) else {
            throw cursor.malformed("it is no GGUF file", at: 0)
        }
        let version = try cursor.integer(UInt32.self)
        switch version {
        case 2, 3: return
        case 1:
            throw cursor.malformed("it is of GGUF version 1, which is not supported; convert the model again", at: 4)
        case _ where version & 0xFFFF == 0 && version > 0:
            throw cursor.malformed(
                "it is a big-endian GGUF file, which is not supported; convert the model for a little-endian machine",
                at: 4)
        default: throw cursor.malformed("it is of GGUF version \(version); supported are 2 and 3", at: 4)
        }
    }

    private static func pairs(
        _ count: Int, _ cursor: inout FileCursor
    ) throws(CheckpointError) -> [(String, JSONValue)] {
        var pairs: [(String, JSONValue)] = []
        var keys = Set<[UInt8]>()
        var values = GGUFValues()
        for _ in 0..<count {
            let start = cursor.position
            let key = try cursor.string()
            guard !key.isEmpty, key.utf8.count <= longestKey else {
                throw cursor.malformed("a key has \(key.utf8.count) bytes", at: start)
            }
            guard keys.insert(Array(key.utf8)).inserted else {
                throw cursor.malformed("the key \(key) is there twice", at: start)
            }
            do {
                pairs.append((key, try values.value(&cursor, isNote: isNote(key))))
            } catch {
                guard error.code == .malformedFile else { throw error }
                throw CheckpointError(error.code, file: error.file, "key \(key): \(error.message)")
            }
        }
        return pairs
    }

    /// Returns true for a key of notes, whose values do not count.
    private static func isNote(_ key: String) -> Bool {
        key.utf8.starts(with: "general.".utf8) || key.utf8.starts(with: "quantize.".utf8)
    }

    private static func alignment(
        _ pairs: [(key: String, value: JSONValue)], _ cursor: FileCursor
    ) throws(CheckpointError) -> Int {
        guard let value = pairs.first(where: { $0.key == "general.alignment" })?.value else { return defaultAlignment }
        guard case .integer(let alignment) = value, (1...largestAlignment).contains(alignment),
            alignment.nonzeroBitCount == 1
        else {
            throw CheckpointError(
                .malformedFile, file: cursor.input.path,
                "key general.alignment is \(value.excerpt), but has to be a power of two")
        }
        return alignment
    }

    private static func checkPlaces(
        _ infos: [GGUFTensorInfo], from start: Int, _ cursor: FileCursor
    ) throws(CheckpointError) {
        func malformed(_ info: GGUFTensorInfo, _ message: String) -> CheckpointError {
            cursor.malformed("tensor \(info.name) \(message)", at: start + info.range.lowerBound)
        }
        let size = max(0, cursor.input.size - start)
        for info in infos where info.range.upperBound > size {
            throw CheckpointError(
                .malformedFile, file: cursor.input.path,
                "tensor \(info.name) ends at byte \(info.range.upperBound) of \(size) of data: "
                    + "the file is truncated or its header wrong")
        }
        var end = 0
        let inOrder = infos.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for info in inOrder {
            guard info.range.lowerBound >= end else { throw malformed(info, "overlaps the one before it") }
            end = info.range.upperBound
        }
    }

    private static func tensor(_ info: GGUFTensorInfo, from start: Int, in input: InputFile) -> Tensor {
        let range = start + info.range.lowerBound..<start + info.range.upperBound
        switch info.format.numbers {
        case .plain(let element):
            return Tensor(
                name: info.name, elementType: element, shape: info.shape, source: FileRange(input: input, range: range))
        case .packed(let packing):
            return Tensor(
                name: info.name, elementType: .float32, shape: info.shape,
                source: PackedElements(input: input, range: range, format: info.format, packing: packing))
        case .unsupported: preconditionFailure("tensors of types that are not supported have no entry")
        }
    }
}
