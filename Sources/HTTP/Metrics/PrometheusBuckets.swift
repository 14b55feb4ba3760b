/// The upper bounds of a histogram's buckets, ascending; the one without a bound is always there.
package struct PrometheusBuckets: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// The bounds; a value that equals a bound is counted in its bucket.
    package let upperBounds: [Double]

    /// Buckets with these bounds, which are sorted; repeated and infinite ones and NaN are left out.
    package init(_ upperBounds: some Sequence<Double>) {
        var bounds: [Double] = []
        for bound in upperBounds.filter(\.isFinite).sorted() where bound != bounds.last { bounds.append(bound) }
        self.upperBounds = bounds
    }

    /// Buckets with these bounds.
    package init(arrayLiteral upperBounds: Double...) { self.init(upperBounds) }

    /// For seconds that a request takes: from 0.5 ms to 60 s.
    package static let latency: Self = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    /// For numbers of things, such as tokens or the sequences of a batch: the powers of two from 1 to 65536.
    package static let counts = Self((0...16).map { Double(1 << $0) })
}
