import PenstockCompute
import PenstockTestSupport

/// A matrix of random blocks, as a file would give it.
struct BlockSample {
    let form: BlockForm
    let rows: Int
    let columns: Int
    /// The numbers that the blocks stand for.
    let numbers: [Double]
    private let bytes: [UInt8]

    /// Bytes of a block: its codes, scales and offsets.
    private static let blockBytes = 48

    /// Every form that files have.
    static let forms: [BlockForm] = [
        BlockForm(bits: 4, zero: 8), BlockForm(bits: 4, hasOffsets: true), BlockForm(bits: 5, zero: 16),
        BlockForm(bits: 5, hasOffsets: true), BlockForm(bits: 8, zero: 128),
        BlockForm(bits: 4, hasHalves: true, hasOffsets: true), BlockForm(bits: 4, hasHalves: true, zero: 4),
        BlockForm(bits: 6, hasHalves: true, zero: 32), BlockForm(bits: 6, zero: 32),
        BlockForm(
            bits: 4, zero: 128, values: [1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241]),
        BlockForm(bits: 4, zero: 12, values: [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0]),
    ]

    /// Scales and offsets are numbers of half precision.
    init(_ form: BlockForm, rows: Int, columns: Int, _ random: inout SeededGenerator) {
        (self.form, self.rows, self.columns) = (form, rows, columns)
        var (numbers, bytes): ([Double], [UInt8]) = ([], [])
        for _ in 0..<rows * columns / BlockForm.inputs {
            let codes = (0..<BlockForm.inputs).map { _ in
                UInt8.random(in: 0...UInt8(1 << form.bits - 1), using: &random)
            }
            var (scales, offsets): ([Float], [Float]) = ([], [])
            for half in 0..<2 {
                let isNew = half == 0 || form.hasHalves
                let own = Float(Float16(Float.random(in: -0.1...0.1, using: &random)))
                scales.append(isNew ? own : scales[0])
                let offset = form.hasOffsets ? Float(Float16(Float.random(in: -1...1, using: &random))) : 0
                offsets.append(isNew ? offset : offsets[0])
            }
            for (index, code) in codes.enumerated() {
                let value = form.values.map { Int($0[Int(code)]) } ?? Int(code)
                let half = index / 16
                numbers.append(Double(scales[half]) * Double(value - form.zero) + Double(offsets[half]))
            }
            bytes += codes
            for number in scales + offsets {
                bytes += withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
            }
        }
        (self.numbers, self.bytes) = (numbers, bytes)
    }

    /// The matrix, also as floats.
    var matrix: WeightMatrix {
        let (bytes, floats) = (bytes, numbers.map { Float($0) })
        let blocks = WeightBlocks(form) { first, buffer in
            bytes.withUnsafeBytes {
                let start = first * Self.blockBytes
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + buffer.count]))
            }
        }
        return WeightMatrix(element: .float32, rows: rows, columns: columns, blocks: blocks) { offset, buffer in
            floats.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
            }
        }
    }
}
