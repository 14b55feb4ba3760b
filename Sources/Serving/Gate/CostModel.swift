/// A running fit of the time that a batch takes: a + b·tokens + c·pairs + d·outputs.
///
/// Least squares of the relative error, each observation counting a little less with each that follows; what the
/// warm-up saw keeps a small weight for ever, so that the fit stays determined when all batches look alike. No
/// coefficient is negative, and that of a pair is bounded by that of a token: few batches, or batches that are alike,
/// do not tell them apart.
package struct CostModel: Sendable {
    /// Seconds per batch and, each scaled as the features are, per token, pair and output.
    package private(set) var coefficients = SIMD4<Double>.zero
    /// The mean of |predicted - actual| / actual over recent batches, each counting 1 at most.
    package private(set) var relativeError = 0.0
    /// The least time per token of all batches ever; nil before the first. However slow times are, it stays.
    package private(set) var leastSecondsPerToken: Double?

    /// The tokens that a pair costs at most, scaled as the features are.
    private let mostTokensPerPair: Double
    private var recent = NormalEquations()
    /// Steps of next tokens alone, apart from others: many of them alike must not outweigh what few prompts tell.
    private var recentDecodes = NormalEquations()
    private var warmUp = NormalEquations()
    private var warmUpWeight = 1.0
    /// The batch before, if it was far from what was expected, and is not yet learnt from.
    private var surprise: Observation?

    /// The share that is left of an observation's weight after the next.
    private static let decay = 0.97
    private static let errorDecay = 0.9
    private static let leastWarmUpWeight = 0.001

    /// Knows nothing: predicts 0 until it has seen a batch.
    ///
    /// - Parameter mostTokensPerPair: the tokens that a pair costs at most, above 0
    package init(mostTokensPerPair: Double = .infinity) {
        precondition(mostTokensPerPair > 0)
        self.mostTokensPerPair = mostTokensPerPair * Self.scale.z / Self.scale.y
    }

    /// Takes in a batch of the warm-up.
    package mutating func seed(_ work: WorkSize, seconds: Double) {
        guard seconds > 0 else { return }
        noteRate(work, seconds)
        warmUp.add(fittedFeatures(work), seconds)
        fit()
    }

    /// Takes in a batch that was run.
    ///
    /// - Parameter isDecode: whether it had the next tokens of sequences alone
    package mutating func observe(_ work: WorkSize, seconds: Double, isDecode: Bool = false) {
        guard seconds > 0 else { return }
        noteRate(work, seconds)
        let expected = self.seconds(work)
        // One batch counts as one, however far off it was: what comes behind a slow spell is soon believed again.
        let error = min(1, abs(expected - seconds) / seconds)
        relativeError = Self.errorDecay * relativeError + (1 - Self.errorDecay) * error

        let observation = Observation(
            work: work, seconds: seconds, ratio: expected > 0 ? seconds / expected : 1, isDecode: isDecode)
        guard let last = surprise else {
            if observation.isSurprise { surprise = observation } else { learn([observation]) }
            return
        }
        // Two in a row: the machine has become slower or faster altogether. What was seen before counts as if it had
        // been seen at the new pace, so that the proportions of the costs stay.
        if observation.isSurprise, (observation.ratio > 1) == (last.ratio > 1) {
            let ratios = [observation.ratio, last.ratio]
            multiplySeconds(by: (observation.ratio > 1 ? ratios.min() : ratios.max()) ?? 1)
        }
        surprise = nil
        learn([last, observation])
    }

    /// Seconds of a batch whatever is in it.
    package var secondsPerBatch: Double { coefficients.x }

    /// The seconds that work takes, done in `batches` batches.
    package func seconds(_ work: WorkSize, batches: Int = 1) -> Double {
        (coefficients * Self.features(work, batches: Double(batches))).sum()
    }

    /// The least that work can take, if the engine had nothing else to do and was as fast as it ever was; 0 as long as
    /// nothing is known.
    package func leastSeconds(_ work: WorkSize) -> Double { work.tokens * (leastSecondsPerToken ?? 0) }

    /// The fewest tokens of a batch whose time per token is within `tolerance` of the best that any batch of such work
    /// can have: where the cost per batch has shrunk to that share. Nil if the fit knows no cost per token.
    ///
    /// - Parameter token: the work of a token, on average
    package func budget(within tolerance: Double, of token: WorkSize) -> Int? {
        let best = seconds(token, batches: 0)
        guard best > 0 else { return nil }
        return Int(min(1e6, (coefficients.x / (tolerance * best)).rounded(.up)))
    }

    /// The most tokens of a batch that is done in so many seconds; nil if the fit knows no cost per token.
    ///
    /// - Parameter token: the work of a token, on average
    package func tokens(within limit: Double, of token: WorkSize) -> Int? {
        let perToken = seconds(token, batches: 0)
        guard perToken > 0 else { return nil }
        return Int(min(1e6, max(0, (limit - coefficients.x) / perToken)))
    }

    private mutating func learn(_ observations: [Observation]) {
        for observation in observations {
            let features = fittedFeatures(observation.work)
            if observation.isDecode {
                recentDecodes.scale(by: Self.decay)
                recentDecodes.add(features, observation.seconds)
            } else {
                warmUpWeight = max(Self.leastWarmUpWeight, warmUpWeight * Self.decay)
                recent.scale(by: Self.decay)
                recent.add(features, observation.seconds)
            }
        }
        fit()
    }

    private mutating func multiplySeconds(by factor: Double) {
        recent.multiplySeconds(by: factor)
        recentDecodes.multiplySeconds(by: factor)
        warmUp.multiplySeconds(by: factor)
    }

    private mutating func noteRate(_ work: WorkSize, _ seconds: Double) {
        guard work.tokens > 0 else { return }
        leastSecondsPerToken = min(leastSecondsPerToken ?? .infinity, seconds / work.tokens)
    }

    private mutating func fit() {
        var all = warmUp
        all.scale(by: warmUpWeight)
        let solution = (all + recent + recentDecodes).nonNegativeSolution()
        coefficients = solution
        coefficients.y += solution.z / mostTokensPerPair
    }

    /// The features of which the fit finds coefficients c that are not negative: the third is pairs + tokens / r, r
    /// being the most that a pair costs. Then a token costs c₂ + c₃ / r and a pair c₃, at most r times as much.
    private func fittedFeatures(_ work: WorkSize) -> SIMD4<Double> {
        var features = Self.features(work)
        features.z += features.y / mostTokensPerPair
        return features
    }

    /// Features are scaled so that their sizes are alike.
    private static let scale = SIMD4(1.0, 1e3, 1e6, 1e6)

    private static func features(_ work: WorkSize, batches: Double = 1) -> SIMD4<Double> {
        SIMD4(batches, work.tokens, work.pairs, work.outputs) / scale
    }
}

/// A batch that was run.
private struct Observation {
    let work: WorkSize
    let seconds: Double
    /// The seconds in relation to those that were expected.
    let ratio: Double
    let isDecode: Bool

    /// Off by a factor that is more than noise.
    var isSurprise: Bool { ratio > 1.5 || ratio < 1 / 1.5 }
}

extension CostModel: CustomStringConvertible {
    /// The formula with its coefficients.
    package var description: String {
        func rounded(_ value: Double) -> String { String((value * 1e3).rounded() / 1e3) }
        let milliseconds = coefficients * 1e3
        return "\(rounded(milliseconds.x)) ms per batch + \(rounded(milliseconds.y)) ms per 1,000 tokens"
            + " + \(rounded(milliseconds.z)) ms per million pairs"
            + (milliseconds.w > 0 ? " + \(rounded(milliseconds.w)) ms per million outputs" : "")
    }
}

/// The normal equations of a weighted least-squares fit of four coefficients.
private struct NormalEquations {
    private var rows = [SIMD4<Double>](repeating: .zero, count: 4)
    private var right = SIMD4<Double>.zero

    /// Adds an observation, weighted by 1/seconds²: relative errors count.
    mutating func add(_ features: SIMD4<Double>, _ seconds: Double) {
        let weighted = features / (seconds * seconds)
        for index in 0..<4 { rows[index] += features[index] * weighted }
        right += weighted * seconds
    }

    mutating func scale(by factor: Double) {
        for index in 0..<4 { rows[index] *= factor }
        right *= factor
    }

    /// Makes these the equations of the same observations with times that are longer by a factor.
    mutating func multiplySeconds(by factor: Double) {
        for index in 0..<4 { rows[index] /= factor * factor }
        right /= factor
    }

    static func + (a: NormalEquations, b: NormalEquations) -> NormalEquations {
        var sum = a
        for index in 0..<4 { sum.rows[index] += b.rows[index] }
        sum.right += b.right
        return sum
    }

    /// The best coefficients of which none is negative: the best of the fits with some of them at zero. Of fits that
    /// are equally good the first counts, so that tokens come before pairs.
    func nonNegativeSolution() -> SIMD4<Double> {
        var best = SIMD4<Double>.zero
        var bestLoss = Double.infinity
        for subset in 1..<16 {
            let active = (0..<4).filter { subset & (1 << $0) != 0 }
            guard let solution = solution(active), (0..<4).allSatisfy({ solution[$0] >= 0 }) else { continue }
            // The loss up to a constant: xᵀAx - 2xᵀb.
            let product = SIMD4((0..<4).map { (rows[$0] * solution).sum() })
            let loss = (solution * (product - 2 * right)).sum()
            if bestLoss == .infinity || loss < bestLoss - 1e-9 * abs(bestLoss) { (best, bestLoss) = (solution, loss) }
        }
        return best
    }

    /// The solution with all coefficients but the active ones at zero, by Gaussian elimination; nil if it is not
    /// determined.
    private func solution(_ active: [Int]) -> SIMD4<Double>? {
        var matrix = active.map { row in active.map { rows[row][$0] } + [right[row]] }
        for pivot in active.indices {
            let scale = rows[active[pivot]][active[pivot]]
            guard abs(matrix[pivot][pivot]) > 1e-9 * scale else { return nil }
            for row in active.indices where row != pivot {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                for column in pivot...active.count { matrix[row][column] -= factor * matrix[pivot][column] }
            }
        }
        var solution = SIMD4<Double>.zero
        for (index, coefficient) in active.enumerated() {
            solution[coefficient] = matrix[index][active.count] / matrix[index][index]
        }
        return solution
    }
}
