/// A named array of a checkpoint, as its file has it.
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
    private let source: any TensorSource

    /// - Precondition: the product of the extents and the size of an element does not overflow.
    init(name: String, elementType: ElementType, shape: [Int], source: any TensorSource) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.source = source
    }

    /// Another tensor under a name.
    init(name: String, _ other: Tensor) {
        self.init(name: name, elementType: other.elementType, shape: other.shape, source: other.source)
    }

    /// The path of the file that holds the tensor.
    package var file: String { source.file }

    /// The number of bytes of its elements.
    package var byteCount: Int { shape.reduce(elementType.size, *) }

    /// The form in which the file stores it, as `F32` or `Q4_K`, and the bytes that it takes there.
    package var stored: (form: String, bytes: Int) {
        source.storage.map { ($0.name, $0.bytes) } ?? (elementType.rawValue, byteCount)
    }

    /// The blocks in which the file stores the elements; nil if it has them as they are.
    package var blocks: TensorBlocks? { source.blocks }

    /// Has the system read what a range of the elements' bytes is made of; nil if reading these does it for little more.
    package var fetch: TensorFetch? { source.fetch }

    /// Fills a buffer with the elements' bytes from an offset on: little-endian, row-major.
    ///
    /// - Precondition: the tensor has so many bytes, and offset and buffer are whole elements.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        precondition(offset >= 0 && offset + buffer.count <= byteCount)
        try source.read(at: offset, into: buffer)
    }
}
