import PenstockCheckpoints
import PenstockCompute

extension Tensor {
    /// The elements as a matrix of `rows` rows; a vector is one row.
    func matrix(rows: Int) throws(CheckpointError) -> WeightMatrix {
        let element: PenstockCompute.ElementType
        switch elementType {
        case .float64: element = .float64
        case .float32: element = .float32
        case .float16: element = .float16
        case .bfloat16: element = .bfloat16
        default:
            throw CheckpointError(
                .unfitTensor, file: file,
                "tensor \(name) is stored as \(elementType.rawValue); weights can be F64, F32, F16 or BF16")
        }
        let stored = blocks.map { blocks in
            let form = BlockForm(
                bits: blocks.form.bits, hasHalves: blocks.form.hasHalves, hasOffsets: blocks.form.hasOffsets,
                zero: blocks.form.zero, values: blocks.form.values)
            return WeightBlocks(form) { try blocks.read($0, $1) }
        }
        return WeightMatrix(
            element: element, rows: rows, columns: shape.last ?? 1, blocks: stored, fetch: fetch
        ) { try read(at: $0, into: $1) }
    }
}
