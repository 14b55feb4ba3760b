import CKernels

/// A way to store the numbers of a matrix product; sums are of single precision, or exact integers.
package enum Precision: String, Sendable, CaseIterable {
    /// IEEE 754 single precision, on both sides.
    case float32
    /// The upper half of a single-precision number, on both sides.
    case bfloat16
    /// Bytes: weights with a scale per output, inputs with a scale and a zero point per row, found as they come.
    case int8

    var kernel: penstock_precision {
        switch self {
        case .float32: penstock_precision_float32
        case .bfloat16: penstock_precision_bfloat16
        case .int8: penstock_precision_int8
        }
    }

    /// Numbers in a unit of 32 bits.
    var numbersPerUnit: Int {
        switch self {
        case .float32: 1
        case .bfloat16: 2
        case .int8: 4
        }
    }

    /// Units that hold so many consecutive numbers.
    func units(_ numbers: Int) -> Int { (numbers + numbersPerUnit - 1) / numbersPerUnit }
}
