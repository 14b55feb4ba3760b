#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A number proportional to the distance of a key, by a slope for each head, which is added to scale·q·kᵀ: attention with
/// linear biases (Press et al. 2022).
package struct ALiBi: Sendable {
    /// The number that a slope is multiplied by.
    package enum Measure: Sendable {
        /// -|key - query|, in models that see both sides.
        case distance
        /// key - query, in models that see the past.
        case offset
        /// The position of the key, as BLOOM has it. The softmax is that of the offset, with other roundings.
        case position
    }

    private let slopes: [Float]
    private let measure: Measure

    /// - Parameter slopes: one for each head.
    package init(slopes: [Float], measure: Measure) { (self.slopes, self.measure) = (slopes, measure) }

    /// The slopes of so many heads: the powers 2^(-8/n)… for the largest power of two n that there are heads, then every
    /// other power of those for 2n (`build_alibi_tensor` of `transformers`).
    package static func slopes(heads: Int) -> [Float] {
        var even = 1
        while even * 2 <= heads { even *= 2 }
        let powers = (1...even).map { Float(pow(2, -8 * Double($0) / Double(even))) }
        let between = (0..<heads - even).map { Float(pow(2, -4 * Double(2 * $0 + 1) / Double(even))) }
        return powers + between
    }

    /// Writes the addends of the keys at a range of positions, before the scale, for one head.
    ///
    /// - Returns: the first.
    func write(
        _ head: Int, _ keys: Range<Int>, _ scale: Float, to memory: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        let (slope, factor) = (slopes[head], TermPlace.afterScale.factor(scale))
        for key in keys { memory[key - keys.lowerBound] = slope * Float(key) * factor }
        return UnsafePointer(memory)
    }
}

extension ALiBi: ScoreTerm {
    func units(longest: Int) -> Int { AttentionHead.distanceCount(longest: longest) }

    /// The numbers of the head's distances, or of its keys, in order.
    func prepare(_ head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {
        let slope = slopes[head.index]
        let factor = TermPlace.afterScale.factor(head.scale)
        let places = measure == .position ? head.keys : head.distances
        for place in places {
            let steps = measure == .distance ? -abs(place) : place
            memory[place - places.lowerBound] = slope * Float(steps) * factor
        }
    }

    func addends(
        ofQueryAt position: Int, _ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float>? {
        let first = block.keys.lowerBound
        let place = measure == .position ? first - head.keys.lowerBound : first - position - head.distances.lowerBound
        return UnsafePointer(memory + place)
    }
}
