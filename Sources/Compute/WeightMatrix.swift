import CKernels

/// How a checkpoint stores a number.
package enum ElementType: Sendable {
    /// IEEE 754 single precision.
    case float32
    /// IEEE 754 half precision.
    case float16
    /// The upper half of a single-precision number.
    case bfloat16

    /// The bytes of one number.
    package var size: Int { self == .float32 ? 4 : 2 }

    fileprivate var kernel: penstock_element {
        switch self {
        case .float32: penstock_float32
        case .float16: penstock_float16
        case .bfloat16: penstock_bfloat16
        }
    }
}

/// A matrix of a checkpoint, row-major and little-endian, as it lies in the file. A vector is a matrix of one row.
package struct WeightMatrix {
    private let bytes: UnsafeRawBufferPointer
    private let element: ElementType
    /// The number of rows.
    package let rows: Int
    /// The number of elements of a row.
    package let columns: Int

    /// A view of `bytes`, which must outlive it.
    ///
    /// - Precondition: `bytes` holds exactly `rows × columns` elements.
    package init(bytes: UnsafeRawBufferPointer, element: ElementType, rows: Int, columns: Int) {
        precondition(bytes.count == rows * columns * element.size)
        self.bytes = bytes
        self.element = element
        self.rows = rows
        self.columns = columns
    }

    /// Writes a row as floats; `destination` has room for `columns` of them.
    func widenRow(_ row: Int, into destination: UnsafeMutablePointer<Float>) {
        guard columns > 0, let start = bytes.baseAddress else { return }
        penstock_widen(columns, start + row * columns * element.size, element.kernel, destination)
    }

    /// All elements as floats, row after row.
    package func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            if let base = buffer.baseAddress {
                for row in 0..<rows { widenRow(row, into: base + row * columns) }
            }
            count = rows * columns
        }
    }
}
