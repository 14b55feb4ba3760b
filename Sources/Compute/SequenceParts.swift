/// The sequences of a small group in parts of about as many tokens, one for each thread: threads that do not share a
/// sequence need not wait for each other within a layer.
///
/// Of a large group they are better served with blocks of rows, of which each takes another as soon as it is done.
package struct SequenceParts {
    private let offsets: ArraySlice<Int>
    /// The number of parts.
    package let count: Int

    /// Rows for each thread, of several blocks, from which on a group is a large one.
    private static let manyRows = 192
    /// The factor by which a thread may be busy for longer than its share.
    private static let tolerance = 1.15

    /// Finds parts for as many threads; nil if there are none that keep all of them busy.
    ///
    /// - Parameter offsets: where each sequence starts, and where the last one ends, from any origin: `[sequences + 1]`
    package init?(_ offsets: ArraySlice<Int>, threads: Int) {
        guard threads > 1, offsets.count > threads, let first = offsets.first, let last = offsets.last else {
            return nil
        }
        let tokens = last - first
        guard (CPU.fewestRows..<Self.manyRows).contains(tokens / threads) else { return nil }
        (self.offsets, count) = (offsets, threads)
        let longest = (0..<count).reduce(0) { longest, part in
            max(longest, offsets[index(part + 1)] - offsets[index(part)])
        }
        guard Double(longest * threads) <= Self.tolerance * Double(tokens) else { return nil }
    }

    /// The starts of the sequences of a part, and the end of its last one: `[sequences of the part + 1]`.
    package subscript(part: Int) -> ArraySlice<Int> { offsets[index(part)...index(part + 1)] }

    /// The index of the offset that is the nearest to where the part would start if sequences could be cut.
    private func index(_ part: Int) -> Int {
        let (first, last) = (offsets[offsets.startIndex], offsets[offsets.endIndex - 1])
        let ideal = first + (last - first) * part / count
        var (low, high) = (offsets.startIndex, offsets.endIndex - 1)
        while low < high {
            let middle = (low + high) / 2
            if offsets[middle] < ideal { low = middle + 1 } else { high = middle }
        }
        guard low > offsets.startIndex else { return low }
        return ideal - offsets[low - 1] < offsets[low] - ideal ? low - 1 : low
    }
}
