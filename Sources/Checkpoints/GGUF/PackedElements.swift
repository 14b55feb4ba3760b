import PenstockFiles

/// Blocks of a file that are decoded to floats when they are read.
struct PackedElements: TensorSource {
    let input: InputFile
    /// The bytes of the blocks.
    let range: Range<Int>
    let format: BlockFormat

    /// Bytes that are read at one time.
    private static let windowBytes = 1 << 16

    var file: String { input.path }
    var storage: TensorStorage? { TensorStorage(name: format.name, bytes: range.count) }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        let size = MemoryLayout<Float>.size
        let elements = offset / size..<(offset + buffer.count) / size
        guard case .packed(let decode) = format.numbers, !elements.isEmpty else { return }
        let blocks = elements.lowerBound / format.elements..<(elements.upperBound - 1) / format.elements + 1
        let blocksOfWindow = max(1, Self.windowBytes / format.bytes)
        var bytes = [UInt8](repeating: 0, count: min(blocks.count, blocksOfWindow) * format.bytes)
        var numbers = [Float](repeating: 0, count: format.elements)
        for first in stride(from: blocks.lowerBound, to: blocks.upperBound, by: blocksOfWindow) {
            let window = first..<min(first + blocksOfWindow, blocks.upperBound)
            try fill(&bytes, with: window)
            bytes.withUnsafeBytes { bytes in
                numbers.withUnsafeMutableBufferPointer { numbers in
                    guard let packed = bytes.baseAddress, let unpacked = numbers.baseAddress else { return }
                    for block in window {
                        decode(packed + (block - first) * format.bytes, unpacked)
                        copy(numbers, ofBlock: block, to: buffer, elements)
                    }
                }
            }
        }
    }

    private func fill(_ bytes: inout [UInt8], with blocks: Range<Int>) throws(CheckpointError) {
        let (start, count) = (range.lowerBound + blocks.lowerBound * format.bytes, blocks.count * format.bytes)
        let result: Result<Void, FileError> = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in
                try input.read(at: start, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        do { try result.get() } catch { throw CheckpointError(error) }
    }

    /// Copies the numbers of a block that are among those that were asked for.
    private func copy(
        _ numbers: UnsafeMutableBufferPointer<Float>, ofBlock block: Int, to buffer: UnsafeMutableRawBufferPointer,
        _ elements: Range<Int>
    ) {
        let size = MemoryLayout<Float>.size
        let start = block * format.elements
        let wanted = elements.clamped(to: start..<start + format.elements)
        let source = UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(numbers))
        UnsafeMutableRawBufferPointer(rebasing: buffer[((wanted.lowerBound - elements.lowerBound) * size)...])
            .copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: source[(wanted.lowerBound - start) * size..<(wanted.upperBound - start) * size]))
    }
}
