/// A way to store the weights of a layer.
package enum WeightFormat: Sendable, Hashable {
    /// As numbers of a precision.
    case numbers(Precision)
    /// As the blocks that the file has; where it has none, as numbers of a precision.
    case blocksOfFile(else: Precision)
    /// As the blocks that the file has; where it has none, in blocks of 4 to 6 bits, by what a matrix is for.
    case int4
    /// As the blocks that the file has; where it has none, in blocks of 8 bits.
    case int8Blocks

    /// The form of the blocks of a matrix: those that its file has, else those that are made of its numbers; nil for none.
    func form(of matrix: WeightMatrix) -> BlockForm? {
        switch self {
        case .numbers: nil
        case .blocksOfFile: matrix.blocks?.form
        case .int4: matrix.blocks?.form ?? matrix.role.int4Form
        case .int8Blocks: matrix.blocks?.form ?? .integers(bits: 8)
        }
    }

    /// The precision of weights that are not in blocks.
    package var precision: Precision {
        switch self {
        case .numbers(let precision), .blocksOfFile(let precision): precision
        case .int4, .int8Blocks: .float32
        }
    }

    /// True if a matrix is stored in blocks.
    package func makesBlocks(of matrix: WeightMatrix) -> Bool { forms(of: [matrix]) != nil }

    /// The forms of the panels of some matrices side by side; nil if they are not stored in blocks.
    func forms(of matrices: [WeightMatrix]) -> [BlockForm]? {
        BlockPackingJob.forms(matrices, self)
    }
}
