/// What work costs, in the terms of the cost model.
package struct WorkSize: Sendable, Equatable {
    /// Tokens of all sequences.
    package var tokens: Double
    /// The sum of the squared lengths of the sequences, for attention.
    package var squares: Double

    /// No work.
    package static let zero = WorkSize(tokens: 0, squares: 0)

    package init(tokens: Double, squares: Double) {
        self.tokens = tokens
        self.squares = squares
    }

    /// Sequences of these lengths.
    package init(lengths: some Sequence<Int>) {
        self = .zero
        for length in lengths { self += WorkSize(length: length) }
    }

    /// One sequence.
    package init(length: Int) { self.init(tokens: Double(length), squares: Double(length) * Double(length)) }

    /// Adds work.
    package static func += (sum: inout WorkSize, work: WorkSize) {
        sum.tokens += work.tokens
        sum.squares += work.squares
    }

    /// Takes work away.
    package static func -= (rest: inout WorkSize, work: WorkSize) {
        rest.tokens -= work.tokens
        rest.squares -= work.squares
    }
}

/// A running fit of the time that a batch takes: a + b·tokens + c·Σlength².
///
/// Least squares of the relative error, each observation counting a little less with each that follows; what the warm-up
/// saw keeps a small weight for ever, so that the fit stays determined when all batches look alike. No coefficient is
/// negative.
package struct CostModel: Sendable {
    /// Seconds per batch, per token and per squared token.
    package private(set) var coefficients = SIMD3<Double>.zero
    /// The mean of |predicted - actual| / actual over recent batches.
    package private(set) var relativeError = 0.0

    private var recent = NormalEquations()
    private var warmUp = NormalEquations()
    private var warmUpWeight = 1.0

    /// What is left of an observation's weight after the next.
    private static let decay = 0.97
    private static let errorDecay = 0.9
    private static let leastWarmUpWeight = 0.01

    /// Knows nothing: predicts 0 until it has seen a batch.
    package init() {}

    /// Takes in a batch of the warm-up.
    package mutating func seed(_ work: WorkSize, seconds: Double) {
        warmUp.add(Self.features(work), seconds)
        fit()
    }

    /// Takes in a batch that was run.
    package mutating func observe(_ work: WorkSize, seconds: Double) {
        guard seconds > 0 else { return }
        let error = abs(self.seconds(work) - seconds) / seconds
        relativeError = Self.errorDecay * relativeError + (1 - Self.errorDecay) * error
        warmUpWeight = max(Self.leastWarmUpWeight, warmUpWeight * Self.decay)
        recent.scale(by: Self.decay)
        recent.add(Self.features(work), seconds)
        fit()
    }

    /// The seconds that work takes, done in `batches` batches.
    package func seconds(_ work: WorkSize, batches: Int = 1) -> Double {
        (coefficients * SIMD3(Double(batches), work.tokens / Self.scale.y, work.squares / Self.scale.z)).sum()
    }

    /// The fewest tokens of a batch whose time per token is within `tolerance` of the best that any batch of sequences of
    /// this length can have: where the cost per batch has shrunk to that share. Nil if the fit knows no cost per token.
    package func budget(within tolerance: Double, sequenceLength: Double) -> Int? {
        let best = coefficients.y / Self.scale.y + coefficients.z / Self.scale.z * sequenceLength
        guard best > 0 else { return nil }
        return Int(min(1e6, (coefficients.x / (tolerance * best)).rounded(.up)))
    }

    private mutating func fit() {
        var all = warmUp
        all.scale(by: warmUpWeight)
        coefficients = (all + recent).nonNegativeSolution()
    }

    /// Features are scaled so that their sizes are alike.
    private static let scale = SIMD3(1.0, 1e3, 1e6)

    private static func features(_ work: WorkSize) -> SIMD3<Double> { SIMD3(1, work.tokens, work.squares) / scale }
}

extension CostModel: CustomStringConvertible {
    /// The formula with its coefficients.
    package var description: String {
        func rounded(_ value: Double) -> String { String((value * 1e3).rounded() / 1e3) }
        let milliseconds = coefficients * 1e3
        return "\(rounded(milliseconds.x)) ms per batch + \(rounded(milliseconds.y)) ms per 1,000 tokens"
            + " + \(rounded(milliseconds.z)) ms per 1,000² of squared lengths"
    }
}

/// The normal equations of a weighted least-squares fit of three coefficients.
private struct NormalEquations {
    private var rows = [SIMD3<Double>](repeating: .zero, count: 3)
    private var right = SIMD3<Double>.zero

    /// Adds an observation, weighted by 1/seconds²: relative errors count.
    mutating func add(_ features: SIMD3<Double>, _ seconds: Double) {
        let weighted = features / (seconds * seconds)
        for index in 0..<3 { rows[index] += features[index] * weighted }
        right += weighted * seconds
    }

    mutating func scale(by factor: Double) {
        for index in 0..<3 { rows[index] *= factor }
        right *= factor
    }

    static func + (a: NormalEquations, b: NormalEquations) -> NormalEquations {
        var sum = a
        for index in 0..<3 { sum.rows[index] += b.rows[index] }
        sum.right += b.right
        return sum
    }

    /// The best coefficients of which none is negative: the best of the fits with some of them at zero.
    func nonNegativeSolution() -> SIMD3<Double> {
        var best = SIMD3<Double>.zero
        var bestLoss = Double.infinity
        for subset in 1..<8 {
            let active = (0..<3).filter { subset & (1 << $0) != 0 }
            guard let solution = solution(active), (0..<3).allSatisfy({ solution[$0] >= 0 }) else { continue }
            // The loss up to a constant: xᵀAx - 2xᵀb.
            let product = SIMD3((0..<3).map { (rows[$0] * solution).sum() })
            let loss = (solution * (product - 2 * right)).sum()
            if loss < bestLoss { (best, bestLoss) = (solution, loss) }
        }
        return best
    }

    /// The solution with all coefficients but the active ones at zero, by Gaussian elimination; nil if it is not
    /// determined.
    private func solution(_ active: [Int]) -> SIMD3<Double>? {
        var matrix = active.map { row in active.map { rows[row][$0] } + [right[row]] }
        for pivot in active.indices {
            let scale = rows[active[pivot]][active[pivot]]
            guard abs(matrix[pivot][pivot]) > 1e-9 * scale else { return nil }
            for row in active.indices where row != pivot {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                for column in pivot...active.count { matrix[row][column] -= factor * matrix[pivot][column] }
            }
        }
        var solution = SIMD3<Double>.zero
        for (index, coefficient) in active.enumerated() {
            solution[coefficient] = matrix[index][active.count] / matrix[index][index]
        }
        return solution
    }
}
