/// Where the sum of weights, taken in the order of their keys, reaches a mass: found without sorting them.
///
/// The range of keys is parted again and again, and the part is taken in which the mass is reached, until all keys in
/// it are the same.
struct MassBoundary {
    /// The key of the weight with which the mass is reached.
    let key: Float
    /// How many weights of just this key are needed for it.
    let equals: Int

    /// - Parameters:
    ///   - keys: finite numbers
    ///   - weights: as many, none below 0
    ///   - mass: the sum that is to be reached, by one weight at least; if it is not, the last key is the boundary
    init(keys: UnsafeBufferPointer<Float>, weights: UnsafeBufferPointer<Float>, mass: Double) {
        var range = (keys.min() ?? 0)...(keys.max() ?? 0)
        var before = 0.0
        while let part = Self.part(of: range, keys, weights, before: before, mass) {
            range = part.keys
            before += part.before
        }
        var equals = 0
        for index in keys.indices where (before < mass || equals == 0) && range.contains(keys[index]) {
            before += Double(weights[index])
            equals += 1
        }
        (key, self.equals) = (range.upperBound, equals)
    }

    /// The part of a range in which the mass is reached, and the sum of the weights in the parts before it; nil if
    /// there is nothing to part.
    private static func part(
        of range: ClosedRange<Float>, _ keys: UnsafeBufferPointer<Float>, _ weights: UnsafeBufferPointer<Float>,
        before: Double, _ mass: Double
    ) -> (keys: ClosedRange<Float>, before: Double)? {
        let parts = 256
        let (least, greatest) = (range.lowerBound, range.upperBound)
        let scale = Float(parts - 1) / (greatest - least)
        guard least < greatest, scale.isFinite, scale > 0 else { return nil }
        return withUnsafeTemporaryAllocation(of: Part.self, capacity: parts) { table in
            table.initialize(repeating: Part())
            for index in keys.indices where keys[index] >= least && keys[index] <= greatest {
                table[min(parts - 1, Int((keys[index] - least) * scale))].add(keys[index], weights[index])
            }
            var (sum, found) = (0.0, 0)
            for (index, part) in table.enumerated() where part.least <= part.greatest {
                sum += table[found].weight * (index == found ? 0 : 1)
                found = index
                if before + sum + part.weight >= mass { break }
            }
            return (table[found].least...table[found].greatest, sum)
        }
    }

    /// Weights with keys of a part of a range.
    private struct Part {
        var weight = 0.0
        var least = Float.infinity
        var greatest = -Float.infinity

        mutating func add(_ key: Float, _ weight: Float) {
            self.weight += Double(weight)
            least = min(least, key)
            greatest = max(greatest, key)
        }
    }
}
