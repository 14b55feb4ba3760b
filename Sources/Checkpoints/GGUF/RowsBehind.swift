/// The rows of a table behind others that are zero.
struct RowsBehind: TensorSource {
    let stored: Tensor
    /// The bytes of the rows that are zero.
    let skipped: Int

    var file: String { stored.file }
    var storage: TensorStorage? {
        let stored = stored.stored
        return TensorStorage(name: stored.form, bytes: stored.bytes)
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        let zeros = max(0, min(skipped - offset, buffer.count))
        _ = buffer[..<zeros].initializeMemory(as: UInt8.self, repeating: 0)
        guard zeros < buffer.count else { return }
        try stored.read(
            at: offset + zeros - skipped, into: UnsafeMutableRawBufferPointer(rebasing: buffer[zeros...]))
    }
}

extension Tensor {
    /// The table under another name, behind rows of zeros. Other tensors keep their shape.
    func behind(rows: Int, _ name: String) -> Tensor {
        guard shape.count == 2 else { return Tensor(name: name, self) }
        return Tensor(
            name: name, elementType: elementType, shape: [rows + shape[0], shape[1]],
            source: RowsBehind(stored: self, skipped: rows * shape[1] * elementType.size))
    }
}
