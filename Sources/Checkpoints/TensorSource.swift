import PenstockFiles

/// Where the bytes of a tensor come from.
protocol TensorSource: Sendable {
    /// The path of the file that holds them.
    var file: String { get }

    /// Fills a buffer with the elements' bytes from an offset on: little-endian, row-major. Offset and buffer are whole
    /// elements, and lie within the tensor.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError)

    /// The form in which the file has them, if elements are made of it when they are read; nil if they are there as they
    /// are.
    var storage: TensorStorage? { get }

    /// The blocks in which the file has the elements; nil if it has none.
    var blocks: TensorBlocks? { get }

    /// Has the system read the bytes of the file that a range of the elements' bytes is made of; nil if reading these does
    /// it for little more.
    var fetch: TensorFetch? { get }
}

/// Reads bytes of a file and forgets them, so that the system has them at hand for the next reader.
package typealias TensorFetch = @Sendable (_ bytes: Range<Int>) throws(CheckpointError) -> Void

extension TensorSource {
    var storage: TensorStorage? { nil }
    var blocks: TensorBlocks? { nil }
    var fetch: TensorFetch? { nil }
}

/// The form in which a file stores elements that are decoded when they are read.
struct TensorStorage: Sendable {
    /// The name of the form, as `Q4_K`.
    let name: String
    /// The bytes of all elements.
    let bytes: Int
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
