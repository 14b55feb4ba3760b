import PenstockCompute
import PenstockTestSupport
import Testing

/// A packed batch of queries, keys and values, side by side in the rows of one matrix.
struct AttentionSample {
    let shape: AttentionShape
    var lengths: [Int]
    var rows: [[Float]]
    var terms = ScoreTerms.none
    var visibility = Visibility.everything
    /// What the terms add to scale·q·kᵀ, exactly.
    var addend: (_ head: Int, _ query: Int, _ key: Int) -> Double = { _, _, _ in 0 }

    var width: Int { shape.heads * shape.headSize }

    init(heads: Int, headSize: Int, lengths: [Int], _ random: inout SeededGenerator) {
        shape = AttentionShape(heads: heads, headSize: headSize, scale: 1 / Float(headSize).squareRoot())
        self.lengths = lengths
        rows = (0..<lengths.reduce(0, +)).map { _ in random.floats(3 * heads * headSize, scale: 2) }
    }

    init(_ shape: AttentionShape, lengths: [Int], rows: [[Float]]) {
        (self.shape, self.lengths, self.rows) = (shape, lengths, rows)
    }

    /// The same with other sequences.
    private func with(lengths: [Int], rows: [[Float]]) -> AttentionSample {
        var sample = AttentionSample(shape, lengths: lengths, rows: rows)
        (sample.terms, sample.visibility, sample.addend) = (terms, visibility, addend)
        return sample
    }

    /// The keys of a sequence of so many that a query sees.
    func keys(seenFrom query: Int, of length: Int) -> Range<Int> {
        query - min(query, visibility.before)..<query + min(length - 1 - query, visibility.behind) + 1
    }

    func alone(_ sequence: Int) -> AttentionSample {
        let start = lengths[..<sequence].reduce(0, +)
        return with(lengths: [lengths[sequence]], rows: Array(rows[start..<start + lengths[sequence]]))
    }

    /// What a pass over memory full of NaNs gives, in a precision and, if asked for, rounded to bfloat16.
    func run(on cpu: CPU, _ precision: Precision = .float32, isRounded: Bool = false) -> [Float] {
        func matrices(_ workspace: Workspace) -> (numbers: Matrix, input: Matrix, output: Matrix, AttentionScratch) {
            let numbers = workspace.matrix(rows: rows.count, columns: 3 * width)
            let input = cpu.attentionInput(
                rows: rows.count, columns: 3 * width, shape: shape, precision: precision, from: workspace)
            let output = workspace.matrix(
                rows: rows.count, columns: width, precision: isRounded ? .bfloat16 : .float32)
            let scratch = cpu.attentionScratch(
                longest: lengths.max() ?? 0, shape: shape, input: input, terms: terms, from: workspace)
            return (numbers, input, output, scratch)
        }
        // No more is filled than what the pass may touch.
        let bytes = Workspace.bytes { workspace in
            _ = matrices(workspace)
            if isRounded { _ = workspace.matrix(rows: rows.count, columns: width) }
        }
        let floats = max(1, bytes / MemoryLayout<Float>.stride)
        return withWorkspace(filledWith: .nan, floats: floats) { workspace in
            let (numbers, input, output, scratch) = matrices(workspace)
            let hasHeadsInPanels = Linear.panelWidth.isMultiple(of: shape.headSize) && shape.headSize != 1
            #expect(input.precision == (hasHeadsInPanels ? precision : .float32))
            for (index, row) in rows.enumerated() { _ = numbers.row(index).update(fromContentsOf: row) }
            cpu.writePanels(of: numbers, into: input)
            // Offsets count from wherever the batch starts.
            cpu.attention(
                queries: input.columns(0..<width), keys: input.columns(width..<2 * width),
                values: input.columns(2 * width..<3 * width),
                offsets: lengths.reduce(into: [1000]) { $0.append(($0.last ?? 0) + $1) }[...],
                shape: shape, terms: terms, visibility: visibility, scratch: scratch, into: output)
            return isRounded ? cpu.read(output, workspace) : output.values
        }
    }

    /// The same sample with its numbers rounded to bfloat16.
    var rounded: AttentionSample {
        with(lengths: lengths, rows: rows.map { $0.map { Float(bFloat16: $0.nearestBFloat16) } })
    }

    /// softmax(scale·q·kᵀ)·v in double precision, and the same of |v|.
    var exact: [(value: Double, magnitude: Double)] { ExactAttention(self).results(of: self) }
}
