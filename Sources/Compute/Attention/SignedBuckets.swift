#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ranges of distances of either sign that share a number: each small distance by itself, larger ones in ranges that grow
/// with the distance (He et al. 2021, DeBERTa; `make_log_bucket_position` of `transformers`).
package struct SignedBuckets: Sendable {
    /// The buckets of one sign, of which half are of one distance each; nil where each distance has one.
    private let count: Int?
    /// The distance that has about the last bucket.
    private let maxDistance: Int

    /// Each distance by itself.
    package static let none = SignedBuckets()

    private init() { (count, maxDistance) = (nil, 0) }

    /// - Precondition: there are distances beyond those that have a bucket alone.
    package init(count: Int, maxDistance: Int) {
        precondition(count >= 2 && maxDistance - 1 > count / 2)
        (self.count, self.maxDistance) = (count, maxDistance)
    }

    /// The bucket of a distance, of its sign. It grows beyond the last one with distances beyond the largest.
    package func bucket(of distance: Int) -> Int {
        guard let count, abs(distance) > count / 2 else { return distance }
        let exact = count / 2
        let growth = log(Double(abs(distance)) / Double(exact)) / log(Double(maxDistance - 1) / Double(exact))
        let bucket = exact + Int((growth * Double(exact - 1)).rounded(.up))
        return distance < 0 ? -bucket : bucket
    }
}
