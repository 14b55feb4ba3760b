import CKernels

/// A form of weights in blocks of 32 inputs: number i of a block is scale·(v − zero) + offset, where v is its code or what a
/// table has for that, and scale and offset are those of the block or of its half.
package struct BlockForm: Sendable, Hashable {
    /// The inputs of a block.
    package static let inputs = Int(PENSTOCK_BLOCK)

    /// The bits of a code: 4, 5, 6 or 8.
    package let bits: Int
    /// True if the halves of a block have scales of their own.
    package let hasHalves: Bool
    /// True if there are offsets; then zero is 0.
    package let hasOffsets: Bool
    /// The zero point, 0...255.
    package let zero: Int
    /// The numbers that codes of 4 bits stand for: 16 bytes; nil for themselves.
    package let values: [UInt8]?

    /// - Precondition: the numbers are in their ranges.
    package init(bits: Int, hasHalves: Bool = false, hasOffsets: Bool = false, zero: Int = 0, values: [UInt8]? = nil) {
        precondition([4, 5, 6, 8].contains(bits) && (0...255).contains(zero) && (!hasOffsets || zero == 0))
        precondition(values.map { bits == 4 && $0.count == 16 } ?? true)
        self.bits = bits
        self.hasHalves = hasHalves
        self.hasOffsets = hasOffsets
        self.zero = zero
        self.values = values
    }

    /// Integers, and a scale and an offset for each block.
    static func withOffsets(bits: Int) -> BlockForm { BlockForm(bits: bits, hasOffsets: true) }

    /// Evenly spaced integers about zero, and a scale for each block.
    static func integers(bits: Int) -> BlockForm { BlockForm(bits: bits, zero: 1 << (bits - 1)) }

    /// The blocks of so many inputs.
    static func count(_ inputs: Int) -> Int { (inputs + Self.inputs - 1) / Self.inputs }

    /// The bytes of a block of all outputs of a panel.
    var panelBytes: Int { withKernelForm { penstock_block_bytes($0) } }

    /// Lends the form as the kernels know it.
    func withKernelForm<Result>(_ body: (UnsafePointer<penstock_block_form>) -> Result) -> Result {
        func lend(_ values: UnsafePointer<UInt8>?) -> Result {
            let form = penstock_block_form(
                bits: Int32(bits), scales: hasHalves ? 2 : 1, has_offsets: hasOffsets ? 1 : 0, zero: Int32(zero),
                values: values)
            return withUnsafePointer(to: form) { body($0) }
        }
        guard let values else { return lend(nil) }
        return values.withUnsafeBufferPointer { lend($0.baseAddress) }
    }

    /// A form that has the numbers of blocks of this form and those of another.
    func joined(with other: BlockForm) -> BlockForm {
        if self == other { return self }
        let hasOffsets = hasOffsets || other.hasOffsets || zero != other.zero
        return BlockForm(
            bits: [self, other].map { $0.values == nil ? $0.bits : 8 }.max() ?? 8,
            hasHalves: hasHalves || other.hasHalves,
            hasOffsets: hasOffsets, zero: hasOffsets ? 0 : zero)
    }

    /// Gives a block of this form that of another one, which is joined with it.
    func convert(_ block: inout penstock_block, to form: BlockForm) {
        guard form != self else { return }
        if let values, form.values == nil {
            withUnsafeMutableBytes(of: &block.codes) { codes in
                for index in codes.indices { codes[index] = values[Int(codes[index] & 15)] }
            }
        }
        if form.hasOffsets, !hasOffsets {
            block.offset = (-Float(zero) * block.scale.0, -Float(zero) * block.scale.1)
        }
    }
}
