/// The entry of a tensor in the header of a GGUF file, checked against itself.
struct GGUFTensorInfo {
    let name: String
    /// The extents, slowest first, other than in the file.
    let shape: [Int]
    let format: BlockFormat
    /// The bytes behind the start of the data.
    let range: Range<Int>

    /// The limit of GGML, without the zero at the end.
    private static let longestName = 63
    private static let mostAxes: UInt32 = 4

    /// Reads what is said of one tensor.
    init(_ cursor: inout FileCursor, alignment: Int) throws(CheckpointError) {
        let start = cursor.position
        let name = try cursor.string()
        let place = cursor
        func malformed(_ message: String) -> CheckpointError {
            place.malformed("tensor \(name) \(message)", at: start)
        }
        guard name.utf8.count <= Self.longestName else {
            throw malformed("has a name of more than \(Self.longestName) bytes")
        }
        let axes = try cursor.integer(UInt32.self)
        guard axes <= Self.mostAxes else { throw malformed("has \(axes) axes, but there are at most \(Self.mostAxes)") }
        var extents: [Int] = []
        for _ in 0..<axes {
            guard let extent = Int(exactly: try cursor.integer(UInt64.self)) else {
                throw malformed("has a shape beyond all memory")
            }
            extents.append(extent)
        }
        let number = try cursor.integer(UInt32.self)
        guard let format = BlockFormat.of(number) else { throw malformed("has the unknown type \(number)") }
        if case .unsupported = format.numbers {
            throw malformed(
                "is of type \(format.name), which is not supported; those that are: \(BlockFormat.supportedNames)")
        }
        let row = extents.first ?? 1
        guard row.isMultiple(of: format.elements) else {
            throw malformed("has rows of \(row), but blocks of \(format.elements) in \(format.name)")
        }
        let offset = try cursor.integer(UInt64.self)
        guard offset.isMultiple(of: UInt64(alignment)) else {
            throw malformed("lies at \(offset), which is no multiple of \(alignment)")
        }
        // Neither the bytes of the file nor those of the decoded numbers may be more than an integer holds.
        var bytes = row / format.elements
        var overflows = false
        for factor in extents.dropFirst() + [format.bytes] {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: factor)
            (bytes, overflows) = (product, overflows || overflow)
        }
        let (_, isLarge) = bytes.multipliedReportingOverflow(by: 2 * MemoryLayout<Double>.size)
        guard !overflows, !isLarge, let start = Int(exactly: offset), bytes <= .max - start else {
            throw malformed("has a shape beyond all memory")
        }
        (self.name, self.format) = (name, format)
        shape = extents.reversed()
        range = start..<start + bytes
    }
}
