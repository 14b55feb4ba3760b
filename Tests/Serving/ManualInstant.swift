/// A clock that stands still unless a test moves it.
typealias ManualInstant = ContinuousClock.Instant

extension ContinuousClock.Instant {
    static let start = ContinuousClock.now

    init(offset: Duration) { self = .start.advanced(by: offset) }

    /// Time since the start.
    var offset: Duration { Self.start.duration(to: self) }
}
