import PenstockFiles

/// Blocks of a file that are decoded to floats when they are read.
struct PackedElements: TensorSource {
    let input: InputFile
    /// The bytes of the blocks.
    let range: Range<Int>
    let format: BlockFormat
    let packing: BlockPacking

    /// Bytes that are read at one time.
    private static let windowBytes = 1 << 16

    var file: String { input.path }
    var storage: TensorStorage? { TensorStorage(name: format.name, bytes: range.count) }

    var blocks: TensorBlocks? {
        TensorBlocks(form: packing.form) { (first, buffer) throws(CheckpointError) in
            let size = MemoryLayout<NumberBlock>.stride
            try forEachBlock(first..<first + buffer.count / size) { index, block in
                buffer.storeBytes(of: block, toByteOffset: (index - first) * size, as: NumberBlock.self)
            }
        }
    }

    var fetch: TensorFetch? {
        { (bytes) throws(CheckpointError) in
            let blocks = fileBlocks(of: Self.elements(of: bytes), count: format.elements)
            guard !blocks.isEmpty else { return }
            let count = max(1, Self.windowBytes / format.bytes)
            var window = [UInt8](repeating: 0, count: min(blocks.count, count) * format.bytes)
            for first in stride(from: blocks.lowerBound, to: blocks.upperBound, by: count) {
                try fill(&window, with: first..<min(first + count, blocks.upperBound))
            }
        }
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        let elements = Self.elements(of: offset..<offset + buffer.count)
        var numbers = [Float](repeating: 0, count: NumberBlock.count)
        try forEachBlock(fileBlocks(of: elements, count: NumberBlock.count)) { index, block in
            numbers.withUnsafeMutableBufferPointer { numbers in
                guard let base = numbers.baseAddress else { return }
                block.write(packing.form, to: base)
                Self.copy(numbers, ofBlock: index, to: buffer, elements)
            }
        }
    }

    private static func elements(of bytes: Range<Int>) -> Range<Int> {
        let size = MemoryLayout<Float>.size
        return bytes.lowerBound / size..<bytes.upperBound / size
    }

    /// The blocks of `count` that some elements lie in.
    private func fileBlocks(of elements: Range<Int>, count: Int) -> Range<Int> {
        elements.isEmpty ? 0..<0 : elements.lowerBound / count..<(elements.upperBound - 1) / count + 1
    }

    /// Lends the blocks of 32 numbers of a range, one after the other.
    private func forEachBlock(
        _ range: Range<Int>, _ body: (_ index: Int, _ block: NumberBlock) -> Void
    ) throws(CheckpointError) {
        guard !range.isEmpty else { return }
        let parts = format.elements / NumberBlock.count
        let blocks = range.lowerBound / parts..<(range.upperBound - 1) / parts + 1
        let count = max(1, Self.windowBytes / format.bytes)
        var bytes = [UInt8](repeating: 0, count: min(blocks.count, count) * format.bytes)
        for first in stride(from: blocks.lowerBound, to: blocks.upperBound, by: count) {
            let window = first..<min(first + count, blocks.upperBound)
            try fill(&bytes, with: window)
            bytes.withUnsafeBytes { bytes in
                guard let packed = bytes.baseAddress else { return }
                for block in window {
                    let start = packed + (block - first) * format.bytes
                    for index in range.clamped(to: block * parts..<(block + 1) * parts) {
                        body(index, packing.unpack(start, index - block * parts))
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
    private static func copy(
        _ numbers: UnsafeMutableBufferPointer<Float>, ofBlock block: Int, to buffer: UnsafeMutableRawBufferPointer,
        _ elements: Range<Int>
    ) {
        let size = MemoryLayout<Float>.size
        let start = block * NumberBlock.count
        let wanted = elements.clamped(to: start..<start + NumberBlock.count)
        let source = UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(numbers))
        UnsafeMutableRawBufferPointer(rebasing: buffer[((wanted.lowerBound - elements.lowerBound) * size)...])
            .copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: source[(wanted.lowerBound - start) * size..<(wanted.upperBound - start) * size]))
    }
}
