import PenstockCompute
import Testing

@Suite struct WeightMatrixTests {
    /// All 65536 patterns of 16 bits, read from an odd address.
    private static func widened(_ element: ElementType) -> [Float] {
        let bytes: [UInt8] = [0xAA] + (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return bytes.withUnsafeBytes {
            let weights = WeightMatrix(
                bytes: UnsafeRawBufferPointer(rebasing: $0[1...]), element: element, rows: 256, columns: 256)
            return required { try weights.floats() }
        }
    }

    @Test func halfPrecision() {
        let found = Self.widened(.float16)
        #expect(found.count == 65536)
        let wrong = (0...UInt16.max).filter { bits in
            let exact = Float(Float16(bitPattern: bits))
            return !found[Int(bits)].isIdentical(to: exact) || found[Int(bits)].sign != exact.sign
        }
        #expect(wrong.isEmpty)
    }

    @Test func brainFloats() {
        let found = Self.widened(.bfloat16)
        #expect(found.map(\.bitPattern) == (0...UInt32(UInt16.max)).map { $0 << 16 })
    }

    @Test func singlePrecision() {
        let values: [Float] = [1, -0.0, .infinity, .leastNonzeroMagnitude, 3, 4]
        let found = withWeights(values, rows: 2, columns: 3) { weights in required { try weights.floats() } }
        #expect(found.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(withWeights([], rows: 0, columns: 3) { weights in required { try weights.floats() } }.isEmpty)
        #expect(withWeights([], rows: 3, columns: 0) { weights in required { try weights.floats() } }.isEmpty)
    }
}
