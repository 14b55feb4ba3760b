#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ranges of distances that share a number: each small distance by itself, larger ones in ranges that grow with the
/// distance (Raffel et al. 2020, T5; `_relative_position_bucket` of `transformers`).
package struct RelativeBuckets: Sendable {
    /// The number of buckets.
    package let count: Int
    /// The distance from which on all share the last bucket.
    package let maxDistance: Int
    /// True if keys behind the query have buckets of their own, the second half; otherwise they share the first bucket.
    package let isBidirectional: Bool

    /// - Precondition: a side has at least two buckets, and distances beyond those that have one alone.
    package init(count: Int, maxDistance: Int, isBidirectional: Bool) {
        (self.count, self.maxDistance, self.isBidirectional) = (count, maxDistance, isBidirectional)
        precondition(side >= 2 && maxDistance > side / 2)
    }

    /// The buckets of one side.
    private var side: Int { isBidirectional ? count / 2 : count }

    /// The bucket of a distance key - query.
    package func bucket(of distance: Int) -> Int {
        let first = isBidirectional && distance > 0 ? side : 0
        let magnitude = isBidirectional ? abs(distance) : max(0, -distance)
        let exact = side / 2
        guard magnitude >= exact else { return first + magnitude }
        let growth = log(Double(magnitude) / Double(exact)) / log(Double(maxDistance) / Double(exact))
        return first + min(side - 1, exact + Int(growth * Double(side - exact)))
    }
}
