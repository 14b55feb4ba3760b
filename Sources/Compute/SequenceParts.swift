/// The sequences of a group in parts of about as many tokens, each for a lane of its own: threads that do not share a
/// sequence need not wait for each other within a layer.
package struct SequenceParts {
    private let offsets: ArraySlice<Int>
    /// The number of parts.
    package let count: Int

    /// Tokens of a part, at least, so that reading all weights for it is worth while.
    private static let fewestTokens = CPU.fewestRows
    /// Tokens of a part, about, where there are more than parts for all threads: each is long enough for its blocks of rows
    /// to be full ones.
    private static let tokensOfPart = 2 * CPU.blockRows
    /// How much longer than their share threads may be busy.
    private static let tolerance = 1.15

    /// Finds parts for the threads of a processor; nil if there are none that keep all of them busy.
    ///
    /// - Parameter offsets: where each sequence starts, and where the last one ends, from any origin: `[sequences + 1]`
    package init?(_ offsets: ArraySlice<Int>, on cpu: CPU) {
        self.init(offsets, threads: cpu.threads)
    }

    package init?(_ offsets: ArraySlice<Int>, threads: Int) {
        guard threads > 1, let first = offsets.first, let last = offsets.last, offsets.count > threads,
            last - first >= threads * Self.fewestTokens
        else { return nil }
        let share = Double(last - first) / Double(threads)
        let rounds = 1...max(1, (last - first) / (threads * Self.tokensOfPart))
        var best: (count: Int, seconds: Double)?
        for round in rounds where round * threads < offsets.count {
            let parts = SequenceParts(offsets, count: round * threads)
            let largest = Double(parts.largest)
            // Threads that take part after part end apart by one part at most (Graham, 1966).
            let longest = round == 1 ? largest : share + largest * (1 - 1 / Double(threads))
            if longest < best?.seconds ?? share * Self.tolerance { best = (parts.count, longest) }
        }
        guard let best else { return nil }
        self.init(offsets, count: best.count)
    }

    private init(_ offsets: ArraySlice<Int>, count: Int) { (self.offsets, self.count) = (offsets, count) }

    private var largest: Int {
        (0..<count).reduce(0) { largest, part in
            let (start, end) = (index(part), index(part + 1))
            return max(largest, offsets[end] - offsets[start])
        }
    }

    /// Where the sequences of a part start, and where its last one ends: `[sequences of the part + 1]`; a single number for
    /// a part without any.
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
