extension Tensor {
    /// Some of the elements, row-major, as floats.
    ///
    /// - Throws: an error that names the tensor if its elements are no numbers of a weight.
    func floats(_ elements: Range<Int>) throws(CheckpointError) -> [Float] {
        let size = elementType.size
        var bytes = [UInt8](repeating: 0, count: elements.count * size)
        let result: Result<Void, CheckpointError> = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(CheckpointError) in try read(at: elements.lowerBound * size, into: buffer) }
        }
        try result.get()
        func numbers<Bits: FixedWidthInteger & BitwiseCopyable>(_: Bits.Type, _ value: (Bits) -> Float) -> [Float] {
            bytes.withUnsafeBytes { bytes in
                (0..<elements.count).map {
                    value(Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self)))
                }
            }
        }
        switch elementType {
        case .float64: return numbers(UInt64.self) { Float(Double(bitPattern: $0)) }
        case .float32: return numbers(UInt32.self) { Float(bitPattern: $0) }
        case .float16: return numbers(UInt16.self) { Float(half: $0) }
        case .bfloat16: return numbers(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        default:
            throw CheckpointError(
                .unfitTensor, file: file,
                "tensor \(name) is stored as \(elementType.rawValue); weights can be F64, F32, F16 or BF16")
        }
    }
}
