/// That a request has a model. With the last who holds this it has it no longer.
final class ModelUse: Sendable {
    private let end: @Sendable () -> Void

    /// - Parameter end: called when nobody holds it any more
    init(end: @escaping @Sendable () -> Void) { self.end = end }

    deinit { end() }
}
