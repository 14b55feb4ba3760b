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
        case .float16: return numbers(UInt16.self, Self.widened(half:))
        case .bfloat16: return numbers(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        default:
            throw CheckpointError(
                .unfitTensor, file: file,
                "tensor \(name) is stored as \(elementType.rawValue); weights can be F64, F32, F16 or BF16")
        }
    }

    /// A number of half precision, whose exponent has another bias: a product moves it, also of numbers below the
    /// normal ones.
    private static func widened(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let magnitude = UInt32(bits & 0x7FFF) << 13
        let isFinite = bits & 0x7C00 != 0x7C00
        let value = isFinite ? (Float(bitPattern: magnitude) * 0x1p112).bitPattern : magnitude | 0x7F80_0000
        return Float(bitPattern: sign | value)
    }
}
