import PenstockFiles

/// Where the bytes of a tensor come from.
protocol TensorSource: Sendable {
    /// The path of the file that holds them.
    var file: String { get }

    /// Fills a buffer with the elements' bytes from an offset on: little-endian, row-major. Offset and buffer are whole
    /// elements, and lie within the tensor.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError)
}

/// A range of a file that is the tensor as it is.
struct FileRange: TensorSource {
    let input: InputFile
    let range: Range<Int>

    var file: String { input.path }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        do {
            try input.read(at: range.lowerBound + offset, into: buffer)
        } catch {
            throw CheckpointError(error)
        }
    }
}
