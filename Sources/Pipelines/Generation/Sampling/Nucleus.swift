#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The weights of all tokens, of which those are 0 that `top_p` does not leave: what tokens are drawn from where many
/// of them are left, and no other filter follows.
///
/// Tokens are not moved. A table of the sums of weights by score says near which score they reach the mass, and only
/// the tokens near to it are sorted. Its memory is kept from place to place.
struct Nucleus: Sendable {
    /// By token; room for a whole vector at the end.
    private var weights: [Float] = []
    private var candidates: [TokenDistribution.Token] = []
    /// The sum of the weights.
    private var total = 0.0

    private static let parts = 1024

    /// The scores that are looked at.
    struct Input {
        let scores: Scores
        /// The greatest of them.
        let greatest: Float
        let temperature: Float
        /// The sum of the weights of all, about.
        let total: Double
        /// Distances from the greatest, in logarithms of weights, of which the first counts within which the mass is
        /// reached.
        let distances: (near: Float, far: Float)

        /// Sixteen scores, divided by the temperature.
        @inline(__always)
        fileprivate func divided(at index: Int) -> SIMD16<Float> {
            let vector =
                index + Scores.lanes <= scores.count
                ? scores.vector(at: index)
                : SIMD16((0..<Scores.lanes).map { index + $0 < scores.count ? scores[index + $0] : -.infinity })
            return temperature == 1 ? vector : vector / temperature
        }
    }

    /// Sums of weights.
    private struct Sums {
        /// Of all tokens, and of those within the two distances.
        var (all, near, far) = (0.0, 0.0, 0.0)
        var least = Float.infinity
    }

    /// Takes the likeliest tokens that together have the probability `topP`.
    ///
    /// - Returns: false if it cannot tell them as exactly as with one token after the other: where almost all tokens
    ///   are within a distance, but not all.
    mutating func take(_ topP: Double, of input: Input) -> Bool {
        let missing = input.scores.count + Scores.lanes - weights.count
        if missing > 0 { weights.append(contentsOf: repeatElement(0, count: missing)) }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.parts) { table in
            table.initialize(repeating: 0)
            let scale = Float(Self.parts - 1) / input.distances.far
            let sums = weigh(input, scale, into: table)
            guard let mass = Self.mass(topP, sums, input) else { return false }
            var (part, before) = (0, 0.0)
            while part < Self.parts - 1, before + table[part] < mass {
                before += table[part]
                part += 1
            }
            guard part < Self.parts - 1 else { return false }
            gather(part, input, scale)
            guard !candidates.isEmpty else { return false }
            let boundary = candidates.withUnsafeBufferPointer { MassBoundary($0, mass: mass - before) }
            cut(below: -boundary.key, equals: boundary.equals, input)
            return true
        }
    }

    /// The token in which the share `uniform` of the sum of the weights ends; the last if there is none.
    func token(at uniform: Double) -> Int32 {
        weights.withUnsafeBufferPointer { weights in
            var left = uniform * total
            var last: Int32 = 0
            for start in stride(from: 0, to: weights.count - Scores.lanes + 1, by: Scores.lanes) {
                let sum = Self.sum(of: weights, at: start)
                guard sum > 0 else { continue }
                if left - sum >= 0 {
                    left -= sum
                    last = Int32(truncatingIfNeeded: start)
                    continue
                }
                for index in start..<start + Scores.lanes where weights[index] > 0 {
                    left -= Double(weights[index])
                    last = Int32(truncatingIfNeeded: index)
                    if left < 0 { return last }
                }
            }
            // Rounding alone leads here.
            return last
        }
    }

    /// Writes the scores that are left, divided by the temperature, in the place of all.
    func write(to all: Scores, temperature: Float) {
        for index in all.indices { all[index] = weights[index] > 0 ? all[index] / temperature : -.infinity }
    }

    /// The mass that the likeliest tokens have to have; nil if it is not certain to the last bits.
    private static func mass(_ topP: Double, _ sums: Sums, _ input: Input) -> Double? {
        let distance: Float
        let sum: Double
        let enough = topP * input.total
        if sums.near >= enough * 1.000_02 {
            (distance, sum) = (input.distances.near, sums.near)
        } else if sums.near < enough * 1.000_005, sums.far >= enough * 1.000_02 {
            (distance, sum) = (input.distances.far, sums.far)
        } else {
            return nil
        }
        // Those beyond the distance are a part of the whole.
        if input.total - sum > 1e-5 * input.total { return enough }
        let isWhole = sums.least >= input.greatest - distance * input.temperature
        return isWhole ? topP * (sums.all + max(0, input.total - sums.all)) : nil
    }

    /// Computes the weights, their sums, and their sums by parts of the scores.
    private mutating func weigh(_ input: Input, _ scale: Float, into table: UnsafeMutableBufferPointer<Double>) -> Sums
    {
        var sums = Sums()
        let greatest = input.greatest / input.temperature
        let near = SIMD16<Float>(repeating: input.greatest - input.distances.near * input.temperature)
        let far = SIMD16<Float>(repeating: input.greatest - input.distances.far * input.temperature)
        var least = SIMD16<Float>(repeating: .infinity)
        var (nearSum, farSum) = (SIMD16<Float>.zero, SIMD16<Float>.zero)
        weights.withUnsafeMutableBufferPointer { weights in
            withUnsafeTemporaryAllocation(of: SIMD16<UInt32>.self, capacity: 1) { vector in
                let places = UnsafeMutableRawBufferPointer(vector).assumingMemoryBound(to: UInt32.self)
                for start in stride(from: 0, to: input.scores.count, by: Scores.lanes) {
                    let distance = input.divided(at: start) - greatest
                    let weight = Exponential.of(distance)
                    UnsafeMutableRawPointer(weights.baseAddress.unsafelyUnwrapped)
                        .storeBytes(of: weight, toByteOffset: start * 4, as: SIMD16<Float>.self)
                    sums.all += Double(weight.sum())
                    if start + Scores.lanes <= input.scores.count {
                        let scores = input.scores.vector(at: start)
                        least.replace(with: scores, where: scores .< least)
                        nearSum += weight.replacing(with: 0, where: scores .< near)
                        farSum += weight.replacing(with: 0, where: scores .< far)
                    }
                    vector[0] = Self.places(of: distance, scale)
                    for lane in 0..<Scores.lanes { table[Int(places[lane])] += Double(weights[start + lane]) }
                }
            }
        }
        (sums.near, sums.far, sums.least) = (Double(nearSum.sum()), Double(farSum.sum()), least.min())
        return sums
    }

    /// The parts of the table of sixteen distances. Adding 2^23 rounds to an integer in the last bits,
    /// which are read as such: both vectors have 16 numbers of 32 bits.
    @inline(__always)
    private static func places(of distance: SIMD16<Float>, _ scale: Float) -> SIMD16<UInt32> {
        let last = Float(parts - 1)
        let place = distance * -scale
        let bounded = place.replacing(with: last, where: .!(place .< last))
        return unsafeBitCast(bounded + 8_388_608, to: SIMD16<UInt32>.self) & SIMD16(repeating: UInt32(parts - 1))
    }

    /// Gathers the tokens of a part.
    private mutating func gather(_ part: Int, _ input: Input, _ scale: Float) {
        candidates.removeAll(keepingCapacity: true)
        let greatest = input.greatest / input.temperature
        // Rounding moves no score by half a part.
        let (least, most) = (greatest - (Float(part) + 1) / scale, greatest - (Float(part) - 1) / scale)
        for start in stride(from: 0, to: input.scores.count, by: Scores.lanes) {
            let scores = input.divided(at: start)
            guard any((scores .>= least) .& (scores .<= most)) else { continue }
            let places = Self.places(of: scores - greatest, scale)
            for lane in 0..<min(Scores.lanes, input.scores.count - start) where places[lane] == part {
                candidates.append(
                    TokenDistribution.Token(score: scores[lane], weight: weights[start + lane], key: -scores[lane]))
            }
        }
    }

    /// Sets the weights of tokens below a score to 0, and of those with this score all but the first so many.
    private mutating func cut(below least: Float, equals: Int, _ input: Input) {
        var (total, left) = (SIMD8<Double>.zero, equals)
        weights.withUnsafeMutableBufferPointer { weights in
            let base = UnsafeMutableRawPointer(weights.baseAddress.unsafelyUnwrapped)
            for start in stride(from: 0, to: input.scores.count, by: Scores.lanes) {
                let scores = input.divided(at: start)
                var weight = base.loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
                weight.replace(with: 0, where: scores .< least)
                let isEqual = scores .== least
                if any(isEqual) {
                    for lane in 0..<Scores.lanes where isEqual[lane] {
                        left -= 1
                        if left < 0 { weight[lane] = 0 }
                    }
                }
                base.storeBytes(of: weight, toByteOffset: start * 4, as: SIMD16<Float>.self)
                total += SIMD8<Double>(weight.lowHalf) + SIMD8<Double>(weight.highHalf)
            }
            for index in input.scores.count..<weights.count { weights[index] = 0 }
        }
        self.total = total.sum()
    }

    private static func sum(of weights: UnsafeBufferPointer<Float>, at start: Int) -> Double {
        let vector = UnsafeRawPointer(weights.baseAddress.unsafelyUnwrapped)
            .loadUnaligned(fromByteOffset: start * 4, as: SIMD16<Float>.self)
        return (SIMD8<Double>(vector.lowHalf) + SIMD8<Double>(vector.highHalf)).sum()
    }
}
