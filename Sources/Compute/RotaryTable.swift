#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The angles by which rotary positions turn the pairs of a head: cosine and sine of each pair at each position.
package final class RotaryTable: Sendable {
    /// The pairs of numbers of a head that are turned.
    package let pairs: Int
    /// The positions that have angles, from 0.
    package let positions: Int
    /// `[positions][cosines, sines][pairs]`
    private let storage: UnitStorage

    /// The table of angles position·frequency, computed as `transformers` does: the angle is of single precision.
    ///
    /// - Parameters:
    ///   - frequencies: the angle from one position to the next, for each pair; those of ``frequencies(theta:size:)``,
    ///     or others where a model scales them
    ///   - scale: what cosines and sines are multiplied by, `attention_factor` in config.json
    /// - Throws: ``ResourceError`` if there is not as much memory.
    package init(frequencies: [Float], positions: Int, scale: Float = 1) throws(ResourceError) {
        precondition(positions >= 0)
        (self.pairs, self.positions) = (frequencies.count, positions)
        storage = try UnitStorage(ofModel: positions * 2 * frequencies.count)
        for position in 0..<positions {
            let row = storage.base + position * 2 * pairs
            for (pair, frequency) in frequencies.enumerated() {
                let angle = Double(Float(position) * frequency)
                row[pair] = Float(cos(angle)) * scale
                row[pairs + pair] = Float(sin(angle)) * scale
            }
        }
    }

    /// A table of so many positions that nobody looks anything up in, to see what it takes.
    package init(planned positions: Int, pairs: Int) {
        (self.pairs, self.positions) = (pairs, positions)
        storage = .planned
    }

    /// The frequencies θ^(-2i/size) of a head of which the first `size` numbers are turned (Su et al. 2021, RoFormer).
    package static func frequencies(theta: Float, size: Int) -> [Float] {
        powers(theta: theta, size: size).map { 1 / $0 }
    }

    /// The powers θ^(2i/size), of which frequencies are the reciprocals: what scales them is rounded once, as upstream.
    package static func powers(theta: Float, size: Int) -> [Float] {
        (0..<size / 2).map { Float(pow(Double(theta), Double(Float(2 * $0) / Float(size)))) }
    }

    /// The bytes of the table.
    package var bytes: Int { positions * 2 * pairs * MemoryLayout<Float>.stride }

    /// The cosines of a position, and behind them its sines.
    ///
    /// - Precondition: there is such a position.
    func row(_ position: Int) -> UnsafePointer<Float> {
        precondition(position >= 0 && position < positions)
        return UnsafePointer(storage.base + position * 2 * pairs)
    }
}
