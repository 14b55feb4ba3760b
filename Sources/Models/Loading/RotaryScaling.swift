import PenstockCheckpoints
import PenstockCompute

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The angles by which positions turn queries and keys, and what stretches them beyond the sequences of training.
///
/// The formulas are those of `modeling_rope_utils` of `transformers`, each of which names its source.
struct RotaryScaling: Sendable {
    /// Angles from one position to the next, for each pair, and what cosines and sines are multiplied by.
    struct Angles: Sendable, Equatable {
        let frequencies: [Float]
        var scale: Float = 1
    }

    enum Kind: Sendable {
        case none
        /// All frequencies are divided by a factor.
        case linear(factor: Float)
        /// θ grows with a sequence's extent beyond so many positions (bloc97 and emozilla 2023).
        case dynamic(factor: Double, positions: Int)
        /// Low frequencies are divided by a factor, high ones are kept (Grattafiori et al. 2024, Llama 3).
        case llama3(factor: Float, low: Double, high: Double, positions: Double)
        case yarn(Yarn)
        case longrope(LongRope)
    }

    /// The numbers of YaRN (Peng et al. 2023).
    struct Yarn: Sendable {
        let factor: Double
        let attentionFactor: Float
        let betaFast: Double
        let betaSlow: Double
        let positions: Double
        /// True if the bounds of the ramp are whole numbers.
        let isTruncated: Bool
    }

    /// Factors by which each frequency is divided, in sequences of up to so many tokens and in longer ones (Ding et al.
    /// 2024).
    struct LongRope: Sendable {
        let short: [Float]
        let long: [Float]
        let positions: Int
        let attentionFactor: Float
    }

    let theta: Float
    /// The first numbers of a head, which are turned; even.
    let size: Int
    let kind: Kind

    /// The key of all extents for which longrope takes the long factors.
    static let longKey = 1

    /// The tokens of the longest sequence, where those of training are so many.
    func longestSequence(trained: Int) -> Int {
        guard case .dynamic(let factor, _) = kind, factor > 1 else { return trained }
        return Int(min(Double(trained) * factor, Double(Int32.max)))
    }

    /// 0 for an extent that changes nothing, else what angles depend on.
    func key(extent: Int) -> Int {
        switch kind {
        case .dynamic(_, let positions): extent > positions ? max(extent, Self.longKey + 1) : 0
        case .longrope(let numbers): extent > numbers.positions ? Self.longKey : 0
        case .none, .linear, .llama3, .yarn: 0
        }
    }

    /// The angles of sequences of an extent.
    func angles(extent: Int) -> Angles {
        let frequencies = RotaryTable.frequencies(theta: theta, size: size)
        switch kind {
        case .none: return Angles(frequencies: frequencies)
        case .linear(let factor): return Angles(frequencies: frequencies.map { $0 / factor })
        case .dynamic(let factor, let positions):
            guard extent > positions, size > 2 else { return Angles(frequencies: frequencies) }
            let growth = factor * Double(extent) / Double(positions) - (factor - 1)
            let theta = Float(Double(theta) * pow(growth, Double(size) / Double(size - 2)))
            return Angles(frequencies: RotaryTable.frequencies(theta: theta, size: size))
        case .llama3(let factor, let low, let high, let positions):
            return Angles(
                frequencies: frequencies.map { Self.llama3($0, factor, low: low, high: high, positions) })
        case .yarn(let yarn): return Angles(frequencies: stretched(yarn), scale: yarn.attentionFactor)
        case .longrope(let numbers):
            let factors = extent > numbers.positions ? numbers.long : numbers.short
            let powers = RotaryTable.powers(theta: theta, size: size)
            let scaled = zip(powers, factors).map { power, factor in 1 / (factor * power) }
            return Angles(frequencies: scaled, scale: numbers.attentionFactor)
        }
    }

    private static func llama3(
        _ frequency: Float, _ factor: Float, low: Double, high: Double, _ positions: Double
    ) -> Float {
        // `Float.pi` is rounded towards zero, and upstream's to the nearest.
        let wavelength = Float(2 * Double.pi) / frequency
        let isLong = wavelength > Float(positions / low)
        guard wavelength >= Float(positions / high), !isLong else { return isLong ? frequency / factor : frequency }
        let smooth = (Float(positions) / wavelength - Float(low)) / Float(high - low)
        return (1 - smooth) * frequency / factor + smooth * frequency
    }

    private func stretched(_ yarn: Yarn) -> [Float] {
        // The pair that turns so often within the positions of training.
        func pair(_ turns: Double) -> Double {
            Double(size) * log(yarn.positions / (turns * 2 * .pi)) / (2 * log(Double(theta)))
        }
        var (low, high) = (pair(yarn.betaFast), pair(yarn.betaSlow))
        if yarn.isTruncated { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        (low, high) = (max(low, 0), min(high, Double(size - 1)))
        if low == high { high += 0.001 }
        return RotaryTable.powers(theta: theta, size: size).enumerated().map { index, power in
            let ramp = min(1, max(0, (Float(index) - Float(low)) / Float(high - low)))
            let kept = 1 - ramp
            return 1 / (Float(yarn.factor) * power) * (1 - kept) + 1 / power * kept
        }
    }
}
