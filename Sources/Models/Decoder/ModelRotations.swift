import PenstockCheckpoints
import PenstockCompute

/// The angles of a model's sequences: tables that all share whose extent changes nothing, and others that are made when a
/// sequence begins.
struct ModelRotations: Sendable {
    private let scalings: [RotaryScaling]
    private let positions: Int
    /// For sequences whose extent changes nothing.
    private let short: SequenceRotation
    /// For longer ones, if all of them have the same angles.
    private let long: SequenceRotation?

    /// - Parameter positions: of the longest sequence
    init(_ scalings: [RotaryScaling], positions: Int, _ weights: LayerWeights) throws(CheckpointError) {
        (self.scalings, self.positions) = (scalings, positions)
        func rotation(_ key: Int, extent: Int) throws(CheckpointError) -> SequenceRotation {
            var tables: [RotaryTable] = []
            for scaling in scalings {
                let angles = scaling.angles(extent: extent)
                tables.append(
                    try weights.rotaryTable(frequencies: angles.frequencies, positions: positions, scale: angles.scale))
            }
            return SequenceRotation(key: key, tables: tables)
        }
        short = try rotation(0, extent: 0)
        let isLong = scalings.contains { $0.key(extent: positions) == RotaryScaling.longKey }
        long = isLong ? try rotation(RotaryScaling.longKey, extent: positions) : nil
    }

    /// The angles of a sequence of an extent.
    func rotation(extent: Int) throws(ResourceError) -> SequenceRotation {
        let extent = min(extent, positions)
        let key = scalings.reduce(0) { max($0, $1.key(extent: extent)) }
        if key == 0 { return short }
        if key == RotaryScaling.longKey, let long { return long }
        var tables: [RotaryTable] = []
        for scaling in scalings {
            let angles = scaling.angles(extent: extent)
            tables.append(
                try RotaryTable(frequencies: angles.frequencies, positions: extent, scale: angles.scale))
        }
        return SequenceRotation(key: key, tables: tables)
    }
}
