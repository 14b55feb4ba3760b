/// A number for each head and each distance of a key from its query, which is added to their score: a relative position
/// bias.
package struct DistanceTable: Sendable {
    /// The number of heads.
    package let heads: Int
    /// The largest distance with a number of its own; those beyond have the number of the last on their side.
    package let reach: Int
    private let place: TermPlace
    /// `[heads][2·reach + 1]`, from the key that is farthest before the query to the one that is farthest behind it.
    private let values: [Float]

    /// - Parameters:
    ///   - place: where the term stands.
    ///   - value: the number of a head at a distance key - query, from -reach to reach.
    package init(
        heads: Int, reach: Int, place: TermPlace = .afterScale, value: (_ head: Int, _ distance: Int) -> Float
    ) {
        precondition(heads > 0 && reach >= 0)
        (self.heads, self.reach, self.place) = (heads, reach, place)
        values = (0..<heads).flatMap { head in (-reach...reach).map { value(head, $0) } }
    }

    /// The table of a learned number for each bucket of distances.
    ///
    /// - Parameter weights: `[buckets.count, heads]`, as `relative_attention_bias.weight` has them.
    package init(_ weights: [Float], heads: Int, buckets: RelativeBuckets, place: TermPlace = .afterScale) {
        precondition(weights.count == buckets.count * heads)
        self.init(heads: heads, reach: buckets.maxDistance, place: place) { head, distance in
            weights[buckets.bucket(of: distance) * heads + head]
        }
    }
}

extension DistanceTable: ScoreTerm {
    func units(longest: Int) -> Int { AttentionHead.distanceCount(longest: longest) }

    /// The numbers of the head's distances, in order.
    func prepare(_ head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {
        let distances = head.distances
        let factor = place.factor(head.scale)
        values.withUnsafeBufferPointer { values in
            let middle = head.index * (2 * reach + 1) + reach
            for distance in distances {
                let value = values[middle + min(max(distance, -reach), reach)]
                memory[distance - distances.lowerBound] = value * factor
            }
        }
    }

    func addends(
        ofQueryAt position: Int, _ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float>? {
        UnsafePointer(memory + (block.keys.lowerBound - position - head.distances.lowerBound))
    }
}
