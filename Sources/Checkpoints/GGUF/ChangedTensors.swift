/// A tensor that is made of another one when it is read.
protocol ChangedTensor: TensorSource {
    var stored: Tensor { get }
}

extension ChangedTensor {
    var file: String { stored.file }

    var storage: TensorStorage? {
        let stored = stored.stored
        return TensorStorage(name: stored.form, bytes: stored.bytes)
    }
}

/// The rows of a tensor in another order.
struct ReorderedRows: ChangedTensor {
    /// A row of the file for a row of the tensor.
    typealias Order = @Sendable (_ row: Int) -> Int

    let stored: Tensor
    let rowBytes: Int
    let order: Order

    var blocks: TensorBlocks? {
        guard let blocks = stored.blocks else { return nil }
        let size = MemoryLayout<NumberBlock>.stride
        let ofRow = rowBytes / stored.elementType.size / NumberBlock.count
        return TensorBlocks(form: blocks.form) { (first, buffer) throws(CheckpointError) in
            try forEachPiece(first..<first + buffer.count / size, ofRow: ofRow) {
                (place, range) throws(CheckpointError) in
                let bytes = (range.lowerBound - first) * size..<(range.upperBound - first) * size
                try blocks.read(place, UnsafeMutableRawBufferPointer(rebasing: buffer[bytes]))
            }
        }
    }

    var fetch: TensorFetch? {
        guard let fetch = stored.fetch else { return nil }
        return { (bytes) throws(CheckpointError) in
            try forEachPiece(bytes, ofRow: rowBytes) { (place, range) throws(CheckpointError) in
                try fetch(place..<place + range.count)
            }
        }
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        try forEachPiece(offset..<offset + buffer.count, ofRow: rowBytes) { (place, range) throws(CheckpointError) in
            let bytes = range.lowerBound - offset..<range.upperBound - offset
            try stored.read(at: place, into: UnsafeMutableRawBufferPointer(rebasing: buffer[bytes]))
        }
    }

    /// Lends the pieces of a range, each within a row of `size`, and where the stored tensor has them.
    private func forEachPiece(
        _ range: Range<Int>, ofRow size: Int,
        _ body: (_ place: Int, _ piece: Range<Int>) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        var start = range.lowerBound
        while start < range.upperBound {
            let (row, first) = start.quotientAndRemainder(dividingBy: size)
            let end = min(start + size - first, range.upperBound)
            try body(order(row) * size + first, start..<end)
            start = end
        }
    }
}

/// Floats that are less by 1 than those of a file.
struct LessByOne: ChangedTensor {
    let stored: Tensor

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        let size = MemoryLayout<Float>.size
        let numbers = try stored.floats(offset / size..<(offset + buffer.count) / size).map { $0 - 1 }
        numbers.withUnsafeBytes { buffer.copyMemory(from: $0) }
    }
}

extension Tensor {
    /// The tensor under another name, as it was before a converter changed it.
    ///
    /// - Parameters:
    ///   - heads: the heads of queries, and those of keys
    func restored(
        _ name: String, _ change: GGUFArchitecture.Change?, heads: (queries: Int, keys: Int)
    ) throws(CheckpointError) -> Tensor {
        switch change {
        case nil, .positionsFromZero: return Tensor(name: name, self)
        case .plusOne:
            return Tensor(name: name, elementType: .float32, shape: shape, source: LessByOne(stored: self))
        case .neighboursOfQueries, .neighboursOfKeys:
            let count = change == .neighboursOfKeys ? heads.keys : heads.queries
            let size = try rowsOfHead(count, parts: 2)
            return reordered(name) { row in
                // The first half of a head has the first of each pair of neighbours.
                let (head, place) = row.quotientAndRemainder(dividingBy: 2 * size)
                return head * 2 * size + (place < size ? 2 * place : 2 * (place - size) + 1)
            }
        case .headsTogether:
            let (count, size) = (heads.queries, try rowsOfHead(heads.queries, parts: 3))
            return reordered(name) { row in
                let (group, place) = row.quotientAndRemainder(dividingBy: size)
                let (head, part) = group.quotientAndRemainder(dividingBy: 3)
                return (part * count + head) * size + place
            }
        }
    }

    private func rowsOfHead(_ heads: Int, parts: Int) throws(CheckpointError) -> Int {
        guard let rows = shape.first, rows > 0, rows.isMultiple(of: heads * parts) else {
            throw CheckpointError(
                .unfitTensor, file: file,
                "tensor \(name) has the shape \(shape), but \(heads) heads of \(parts) parts each")
        }
        return rows / (heads * parts)
    }

    private func reordered(_ name: String, _ order: @escaping ReorderedRows.Order) -> Tensor {
        let rowBytes = shape.dropFirst().reduce(elementType.size, *)
        return Tensor(
            name: name, elementType: elementType, shape: shape,
            source: ReorderedRows(stored: self, rowBytes: rowBytes, order: order))
    }
}
