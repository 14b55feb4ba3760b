/// A tensor of which some rows have another value. It is computed in float32 when it is read, some elements at a time.
struct ChangedRows: TensorSource {
    /// The change of the rows.
    enum Change: Sendable {
        /// A product of matrices is added, which has as many rows.
        case sum(LowRankUpdate)
        /// The elements of a tensor stand in their place.
        case replacement(Tensor)
    }

    /// One axis at least.
    let base: Tensor
    let rows: Range<Int>
    let change: Change

    var file: String { base.file }

    var fetch: TensorFetch? {
        let (size, ofBase) = (MemoryLayout<Float>.size, base.elementType.size)
        guard let fetch = base.fetch else { return nil }
        return { (bytes) throws(CheckpointError) in
            try fetch(bytes.lowerBound / size * ofBase..<bytes.upperBound / size * ofBase)
        }
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        let size = MemoryLayout<Float>.size
        let elements = offset / size..<(offset + buffer.count) / size
        var numbers = try base.floats(elements)
        let columns = base.shape.dropFirst().reduce(1, *)
        let start = rows.lowerBound * columns
        let changed = elements.clamped(to: start..<rows.upperBound * columns)
        if !changed.isEmpty {
            let place = changed.lowerBound - elements.lowerBound
            switch change {
            case .sum(let update):
                let factors = try update.factors()
                numbers.withUnsafeMutableBufferPointer { numbers in
                    factors.add(
                        from: changed.lowerBound - start,
                        to: UnsafeMutableBufferPointer(rebasing: numbers[place..<place + changed.count]))
                }
            case .replacement(let tensor):
                let new = try tensor.floats(changed.lowerBound - start..<changed.upperBound - start)
                numbers.replaceSubrange(place..<place + changed.count, with: new)
            }
        }
        numbers.withUnsafeBytes { buffer.copyMemory(from: $0) }
    }
}
