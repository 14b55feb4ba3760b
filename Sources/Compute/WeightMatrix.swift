import CKernels

/// A type in which a checkpoint stores a number.
package enum ElementType: Sendable {
    /// IEEE 754 double precision.
    case float64
    /// IEEE 754 single precision.
    case float32
    /// IEEE 754 half precision.
    case float16
    /// The upper half of a single-precision number.
    case bfloat16

    /// The bytes of one number.
    package var size: Int {
        switch self {
        case .float64: 8
        case .float32: 4
        case .float16, .bfloat16: 2
        }
    }

    fileprivate var kernel: penstock_element {
        switch self {
        case .float64: penstock_float64
        case .float32: penstock_float32
        case .float16: penstock_float16
        case .bfloat16: penstock_bfloat16
        }
    }
}

/// A matrix of a checkpoint, row-major and little-endian, read from its file a few rows at a time. A vector is a matrix
/// of one row.
package struct WeightMatrix: Sendable {
    /// Fills a buffer with the matrix's bytes from an offset on; called by several threads at a time.
    package typealias Reader = @Sendable (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Void
    /// Has the system read what a range of the matrix's bytes is made of.
    package typealias Fetcher = @Sendable (_ bytes: Range<Int>) throws -> Void

    private let element: ElementType
    private let read: Reader
    private let fetch: Fetcher?
    /// The blocks in which the file has the matrix; nil if it has none.
    let blocks: WeightBlocks?
    /// The number of rows.
    package let rows: Int
    /// The number of elements of a row.
    package let columns: Int
    /// Its purpose in its layer.
    package var role = WeightRole.other

    /// A matrix whose `rows × columns` elements `read` gives.
    ///
    /// - Parameters:
    ///   - blocks: those of its file; of rows that are whole blocks
    ///   - fetch: has the system read a range of its bytes; nil if `read` does that for little more
    package init(
        element: ElementType, rows: Int, columns: Int, blocks: WeightBlocks? = nil, fetch: Fetcher? = nil,
        read: @escaping Reader
    ) {
        precondition(blocks == nil || columns.isMultiple(of: BlockForm.inputs))
        (self.element, self.rows, self.columns, self.read) = (element, rows, columns, read)
        (self.blocks, self.fetch) = (blocks, fetch)
    }

    /// Some of its rows, as a matrix of their own.
    package func rows(_ range: Range<Int>) -> WeightMatrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        let (read, start) = (read, range.lowerBound * columns * element.size)
        var part = WeightMatrix(
            element: element, rows: range.count, columns: columns,
            blocks: blocks?.from(range.lowerBound * columns / BlockForm.inputs),
            fetch: fetch.map { Self.shifted($0, by: start) }
        ) { try read(start + $0, $1) }
        part.role = role
        return part
    }

    private static func shifted(_ fetch: @escaping Fetcher, by start: Int) -> Fetcher {
        { try fetch(start + $0.lowerBound..<start + $0.upperBound) }
    }

    /// The matrix with rows for columns. It is read as a whole, and lies in memory as long as the result is there.
    ///
    /// - Throws: what reading it throws.
    package func transposed() throws -> WeightMatrix {
        let (rows, columns, size) = (rows, columns, element.size)
        var bytes = [UInt8](repeating: 0, count: rows * columns * size)
        try withUnsafeTemporaryAllocation(byteCount: max(1, columns * size), alignment: 16) { row in
            for index in 0..<rows where columns > 0 {
                try read(index * columns * size, UnsafeMutableRawBufferPointer(rebasing: row.prefix(columns * size)))
                for column in 0..<columns {
                    for byte in 0..<size { bytes[(column * rows + index) * size + byte] = row[column * size + byte] }
                }
            }
        }
        return WeightMatrix(element: element, rows: columns, columns: rows) { [bytes] offset, target in
            bytes.withUnsafeBytes {
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + target.count]))
            }
        }
    }

    /// Writes the rows of a range as floats, one after the other; `destination` has room for them.
    func readRows(_ range: Range<Int>, into destination: UnsafeMutablePointer<Float>) throws {
        let count = range.count * columns
        let offset = range.lowerBound * columns * element.size
        guard element != .float32 else {
            return try read(offset, UnsafeMutableRawBufferPointer(start: destination, count: count * element.size))
        }
        try withUnsafeTemporaryAllocation(byteCount: count * element.size, alignment: 16) { bytes in
            try read(offset, bytes)
            guard let start = bytes.baseAddress else { return }
            penstock_widen(count, start, element.kernel, destination)
        }
    }

    /// Reads the rows of a range and forgets them, so that the system has them at hand for the next reader.
    func fetchRows(_ range: Range<Int>) throws {
        let (start, end) = (range.lowerBound * columns * element.size, range.upperBound * columns * element.size)
        if let fetch { return try fetch(start..<end) }
        try withUnsafeTemporaryAllocation(byteCount: min(end - start, Self.fetchedBytes), alignment: 16) { buffer in
            for offset in stride(from: start, to: end, by: Self.fetchedBytes) {
                try read(offset, UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(end - offset)))
            }
        }
    }

    /// Bytes that are fetched at one time.
    private static let fetchedBytes = 1 << 18

    /// All elements as floats, row after row.
    package func floats() throws -> [Float] {
        try [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            if let base = buffer.baseAddress { try readRows(0..<rows, into: base) }
            count = rows * columns
        }
    }

    /// Rows that are read at one time: enough to be worth a call of the system, few enough to stay in a cache.
    static func blockRows(columns: Int) -> Int { max(1, (1 << 16) / max(1, columns)) }
}
