import CKernels

/// A thread of the system, for long work and for work that waits, which Swift's own threads are too few for.
package enum ComputeThread {
    /// The work that a thread does.
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread that ends when `body` does.
    ///
    /// - Parameters:
    ///   - name: what tools of the system show, in ASCII; the first 15 characters count
    ///   - stackSize: in bytes
    /// - Throws: ``ResourceError`` if the system has no thread left.
    package static func start(
        name: String, stackSize: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
    ) throws(ResourceError) {
        let work = Unmanaged.passRetained(Work(body))
        let failure = penstock_start_thread(
            name, stackSize,
            { context in
                guard let context else { return }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
            }, work.toOpaque())
        guard failure == 0 else {
            work.release()
            throw ResourceError("the thread \(name) cannot be started", failure)
        }
    }
}
