import Foundation
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
    func keys(seenFrom query: Int, of length: Int) -> [Int] {
        (0..<length).filter { $0 <= query ? query - $0 <= visibility.before : $0 - query <= visibility.behind }
    }

    func alone(_ sequence: Int) -> AttentionSample {
        let start = lengths[..<sequence].reduce(0, +)
        return with(lengths: [lengths[sequence]], rows: Array(rows[start..<start + lengths[sequence]]))
    }

    /// What a pass over memory full of NaNs gives, in a precision and, if asked for, rounded to bfloat16.
    func run(on cpu: CPU, _ precision: Precision = .float32, isRounded: Bool = false) -> [Float] {
        withWorkspace(filledWith: .nan, floats: min(1 << 21, 1 << 17 + rows.count * 8 * (width + 64))) { workspace in
            let input = cpu.attentionInput(
                rows: rows.count, columns: 3 * width, shape: shape, precision: precision, from: workspace)
            let hasHeadsInPanels = Linear.panelWidth.isMultiple(of: shape.headSize) && shape.headSize != 1
            #expect(input.precision == (hasHeadsInPanels ? precision : .float32))
            cpu.write(rows.flatMap { $0 }, into: input, workspace)
            let output = workspace.matrix(
                rows: rows.count, columns: width, precision: isRounded ? .bfloat16 : .float32)
            let scratch = cpu.attentionScratch(
                longest: lengths.max() ?? 0, shape: shape, input: input, terms: terms, from: workspace)
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
    var exact: [(value: Double, magnitude: Double)] {
        var result: [(value: Double, magnitude: Double)] = []
        var start = 0
        for length in lengths {
            let sequence = rows[start..<start + length]
            start += length
            for (position, query) in sequence.enumerated() {
                let seen = keys(seenFrom: position, of: length)
                for head in 0..<shape.heads {
                    let column = head * shape.headSize
                    let scores = seen.map { key in
                        let row = sequence[sequence.startIndex + key]
                        let product = (0..<shape.headSize).reduce(0.0) {
                            $0 + Double(query[column + $1]) * Double(row[width + column + $1])
                        }
                        return product * Double(shape.scale) + addend(head, position, key)
                    }
                    let largest = scores.max() ?? 0
                    let weights = scores.map { exp($0 - largest) }
                    let sum = weights.reduce(0, +)
                    for index in 0..<shape.headSize {
                        var (value, magnitude) = (0.0, 0.0)
                        for (weight, key) in zip(weights, seen) {
                            let term = weight * Double(sequence[sequence.startIndex + key][2 * width + column + index])
                            value += term
                            magnitude += abs(term)
                        }
                        result.append((value / sum, magnitude / sum))
                    }
                }
            }
        }
        return result
    }
}
