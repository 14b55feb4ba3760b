/// An instant of a clock that stands until it is moved.
struct ManualInstant: InstantProtocol {
    var offset: Duration

    static let start = ManualInstant(offset: .zero)

    func advanced(by duration: Duration) -> ManualInstant { ManualInstant(offset: offset + duration) }
    func duration(to other: ManualInstant) -> Duration { other.offset - offset }
    static func < (a: ManualInstant, b: ManualInstant) -> Bool { a.offset < b.offset }
    static func + (instant: ManualInstant, duration: Duration) -> ManualInstant { instant.advanced(by: duration) }
}
