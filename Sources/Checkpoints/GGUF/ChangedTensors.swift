/// The rows of a tensor in another order.
struct ReorderedRows: TensorSource {
    /// A row of the file for a row of the tensor.
    typealias Order = @Sendable (_ row: Int) -> Int

    let stored: Tensor
    let rowBytes: Int
    let order: Order

    var file: String { stored.file }
    var storage: TensorStorage? {
        let stored = stored.stored
        return TensorStorage(name: stored.form, bytes: stored.bytes)
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        var done = 0
        while done < buffer.count {
            let (row, start) = (offset + done).quotientAndRemainder(dividingBy: rowBytes)
            let count = min(rowBytes - start, buffer.count - done)
            try stored.read(
                at: order(row) * rowBytes + start,
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count]))
            done += count
        }
    }
}

/// Floats that are less by 1 than those of a file.
struct LessByOne: TensorSource {
    let stored: Tensor

    var file: String { stored.file }
    var storage: TensorStorage? {
        let stored = stored.stored
        return TensorStorage(name: stored.form, bytes: stored.bytes)
    }

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
