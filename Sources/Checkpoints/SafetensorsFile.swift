import PenstockFiles
import PenstockJSON

/// A file in the safetensors format: the length of a JSON header in 8 bytes, the header, and the tensors' bytes.
///
/// Nothing of the header is believed: every tensor lies within the file, has exactly the bytes that its shape and
/// element type need, shares none with another, and none lie between.
package struct SafetensorsFile {
    /// The tensors in the order of their bytes.
    package let tensors: [Tensor]

    /// The limit of the reference implementation.
    private static let largestHeader = 100_000_000

    /// Opens the file and checks its header.
    package init(path: String) throws(CheckpointError) {
        let file = try CheckpointFile.open(path)
        func malformed(_ message: String) -> CheckpointError {
            CheckpointError(.malformedFile, file: path, message)
        }

        guard file.size >= 8 else { throw malformed("is too short for a safetensors file") }
        let headerSize = try CheckpointFile.withBytes(of: file, 0..<8) {
            UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
        }
        guard headerSize <= Self.largestHeader else {
            throw malformed("claims a header of \(headerSize) bytes; more than \(Self.largestHeader) are not allowed")
        }
        let dataStart = 8 + Int(headerSize)
        guard dataStart <= file.size else {
            throw malformed("is truncated: a header of \(headerSize) bytes, but a file of \(file.size)")
        }

        let document = try CheckpointFile.withBytes(of: file, 8..<dataStart) { (bytes) throws(CheckpointError) in
            do {
                return try JSONValue(parsing: bytes)
            } catch {
                throw malformed("has a header that is not JSON: \(error)")
            }
        }
        guard let header = document.object else { throw malformed("has a header that is no JSON object") }
        if let name = header.firstDuplicateKey { throw malformed("tensor \(name) is there twice") }

        var located: [(tensor: Tensor, range: Range<Int>)] = []
        for entry in header.entries where entry.key != "__metadata__" {
            let description = try TensorDescription(entry, in: path)
            guard description.end <= file.size - dataStart else {
                throw malformed(
                    "tensor \(entry.key) ends at byte \(description.end) of \(file.size - dataStart): "
                        + "the file is truncated or its header wrong")
            }
            let range = dataStart + description.start..<dataStart + description.end
            let tensor = Tensor(
                name: entry.key, elementType: description.elementType, shape: description.shape,
                source: FileRange(input: file, range: range))
            located.append((tensor, range))
        }
        located.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }

        var end = dataStart
        for (tensor, range) in located {
            guard range.lowerBound >= end else { throw malformed("tensor \(tensor.name) overlaps the one before it") }
            guard range.lowerBound == end else {
                throw malformed("\(range.lowerBound - end) bytes before tensor \(tensor.name) belong to no tensor")
            }
            end = range.upperBound
        }
        guard end == file.size else {
            throw malformed("\(file.size - end) bytes at the end belong to no tensor")
        }
        tensors = located.map(\.tensor)
    }
}

/// What a header says of one tensor, checked against itself.
private struct TensorDescription {
    let elementType: Tensor.ElementType
    let shape: [Int]
    let start: Int
    let end: Int

    init(_ entry: JSONObject.Entry, in path: String) throws(CheckpointError) {
        func malformed(_ message: String) -> CheckpointError {
            CheckpointError(.malformedFile, file: path, "tensor \(entry.key) \(message)")
        }
        guard let typeName = entry.value["dtype"]?.string else { throw malformed("has no dtype") }
        guard let elementType = Tensor.ElementType(rawValue: typeName) else {
            throw malformed("has the unknown dtype \(typeName)")
        }
        guard let extents = entry.value["shape"]?.array else { throw malformed("has no shape") }
        let shape = extents.compactMap(\.integer)
        guard shape.count == extents.count, shape.allSatisfy({ $0 >= 0 }) else {
            throw malformed("has a shape that is no list of sizes")
        }
        guard let offsets = entry.value["data_offsets"]?.array?.map(\.integer), offsets.count == 2,
            let start = offsets[0], let end = offsets[1], start >= 0, start <= end
        else { throw malformed("has data_offsets that are no range of bytes") }

        var size = elementType.size
        for extent in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw malformed("has a shape beyond all memory") }
            size = product
        }
        guard end - start == size else {
            throw malformed("of shape \(shape) and dtype \(typeName) needs \(size) bytes, but has \(end - start)")
        }
        self.elementType = elementType
        self.shape = shape
        self.start = start
        self.end = end
    }
}
