import PenstockFiles

/// A named array of a checkpoint, as it lies in its file.
package struct Tensor: Sendable {
    /// How the file stores an element.
    package enum ElementType: String, Sendable {
        case bool = "BOOL"
        case uint8 = "U8"
        case int8 = "I8"
        case float8E4M3 = "F8_E4M3"
        case float8E5M2 = "F8_E5M2"
        case uint16 = "U16"
        case int16 = "I16"
        case float16 = "F16"
        case bfloat16 = "BF16"
        case uint32 = "U32"
        case int32 = "I32"
        case float32 = "F32"
        case uint64 = "U64"
        case int64 = "I64"
        case float64 = "F64"

        /// Bytes of one element.
        var size: Int {
            switch self {
            case .bool, .uint8, .int8, .float8E4M3, .float8E5M2: 1
            case .uint16, .int16, .float16, .bfloat16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64: 8
            }
        }
    }

    /// The name in the file.
    package let name: String
    /// How an element is stored.
    package let elementType: ElementType
    /// The extents, slowest first.
    package let shape: [Int]
    /// The bytes of the file that hold the elements.
    private let range: Range<Int>
    private let storage: InputFile

    init(name: String, elementType: ElementType, shape: [Int], range: Range<Int>, in storage: InputFile) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.range = range
        self.storage = storage
    }

    /// The path of the file that holds the tensor.
    package var file: String { storage.path }

    /// The number of bytes of its elements.
    package var byteCount: Int { range.count }

    /// Fills a buffer with the elements' bytes from an offset on: little-endian, row-major.
    ///
    /// - Precondition: the tensor has so many bytes.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        precondition(offset >= 0 && offset + buffer.count <= range.count)
        do {
            try storage.read(at: range.lowerBound + offset, into: buffer)
        } catch {
            throw CheckpointError(error)
        }
    }
}
