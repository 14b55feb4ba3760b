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
    /// Where in the file's memory the elements lie.
    private let range: Range<Int>
    private let storage: MappedFile

    init(name: String, elementType: ElementType, shape: [Int], range: Range<Int>, storage: MappedFile) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.range = range
        self.storage = storage
    }

    /// The path of the file that holds the tensor.
    package var file: String { storage.path }

    /// Lends the elements' bytes: little-endian, row-major, of any alignment.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: storage.bytes[range]))
    }

    /// Tells the system that the elements are not needed any more; they are read again from the file if they are.
    package func release() { storage.release(range) }
}
