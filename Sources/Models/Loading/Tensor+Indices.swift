import PenstockCheckpoints

extension Tensor {
    /// The elements of a vector of integers, each of which has to be at least 0 and below `bound`.
    func indices(below bound: Int) throws(CheckpointError) -> [Int32] {
        switch elementType {
        case .int64: try indices(Int64.self, below: bound)
        case .int32: try indices(Int32.self, below: bound)
        case .int16: try indices(Int16.self, below: bound)
        case .uint16: try indices(UInt16.self, below: bound)
        case .uint32: try indices(UInt32.self, below: bound)
        case .uint64: try indices(UInt64.self, below: bound)
        default:
            throw CheckpointError(
                .unfitTensor, file: file,
                "tensor \(name) is stored as \(elementType.rawValue); indices can be I64, I32, I16, U64, U32 or U16")
        }
    }

    private func indices<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, below bound: Int
    ) throws(CheckpointError) -> [Int32] {
        var elements = [Element](repeating: 0, count: byteCount / MemoryLayout<Element>.stride)
        let result: Result<Void, CheckpointError> = elements.withUnsafeMutableBytes { bytes in
            Result { () throws(CheckpointError) in try read(at: 0, into: bytes) }
        }
        try result.get()
        var indices: [Int32] = []
        indices.reserveCapacity(elements.count)
        for element in elements {
            guard let index = Int32(exactly: Element(littleEndian: element)), index >= 0, index < bound else {
                throw CheckpointError(
                    .unfitTensor, file: file, "tensor \(name) has \(element), but there are rows from 0 to \(bound - 1)"
                )
            }
            indices.append(index)
        }
        return indices
    }
}
