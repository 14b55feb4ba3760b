/// A tensor of numbers that its file stores in blocks, as such.
package struct TensorBlocks: Sendable {
    /// The form of its blocks.
    package let form: NumberBlock.Form
    /// Fills a buffer with ``NumberBlock``s from one on, counted row by row.
    package let read: @Sendable (_ first: Int, _ buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Void
}

/// Consecutive numbers of a row that share scales: number i is scale·(v − zero) + offset, where v is its code or what a
/// table has for that, and scale and offset are those of its half of the block.
package struct NumberBlock: BitwiseCopyable {
    /// The numbers of a block.
    package static let count = 32

    /// The properties that all blocks of a tensor share.
    package struct Form: Sendable, Equatable {
        /// The bits of a code.
        package let bits: Int
        /// True if the halves have scales of their own.
        package var hasHalves = false
        /// True if there are offsets; then zero is 0.
        package var hasOffsets = false
        /// The zero point.
        package var zero = 0
        /// The numbers that codes of 4 bits stand for; nil for themselves.
        package var values: [UInt8]?
    }

    /// The codes of the first half and of the second.
    var low = SIMD16<UInt8>(repeating: 0)
    var high = SIMD16<UInt8>(repeating: 0)
    var scales = SIMD2<Float>(repeating: 0)
    var offsets = SIMD2<Float>(repeating: 0)

    /// Writes the numbers: each product and each sum is rounded to float32.
    func write(_ form: Form, to numbers: UnsafeMutablePointer<Float>) {
        for (half, codes) in [low, high].enumerated() {
            for index in 0..<SIMD16<UInt8>.scalarCount {
                let code = codes[index]
                let value = form.values.map { Int($0[Int(code & 15)]) } ?? Int(code)
                let product = scales[half] * Float(value - form.zero)
                numbers[16 * half + index] = form.hasOffsets ? product + offsets[half] : product
            }
        }
    }
}
