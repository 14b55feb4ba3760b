/// Objects that hold much memory, which is freed by one of the ``WorkThreads`` and not by whoever lets go of them last.
struct DeferredRelease: @unchecked Sendable {
    // Safe to share: each reference is given up once, by the task that ``perform()`` starts.
    private var references: [Unmanaged<AnyObject>] = []

    /// Of nothing yet.
    init() {}

    /// Keeps an object until ``perform()``.
    mutating func keep(_ object: AnyObject) { references.append(.passRetained(object)) }

    /// Gives all references up. To be called once, when the caller has none of its own any more.
    func perform() {
        // Without such threads the process has none left for anything.
        guard let threads = try? WorkThreads.shared.get() else { return }
        Task(executorPreference: threads) { for reference in references { reference.release() } }
    }
}
