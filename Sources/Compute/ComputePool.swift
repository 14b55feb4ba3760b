import Synchronization

/// The threads of a process that compute, which one user at a time gets as a ``CPU``.
package final class ComputePool: Sendable {
    private let cpu: CPU
    fileprivate let isLent = Atomic<Bool>(false)

    /// The threads that share an operation.
    package var threads: Int { cpu.threads }
    /// The instruction set.
    package var kernels: Kernels { cpu.kernels }

    /// - Parameters:
    ///   - threads: how many threads share an operation, the caller's included; at least 1. There are
    ///     fewer if the system does not give as many.
    ///   - kernels: the instruction set.
    package init(threads: Int, kernels: Kernels = .best) { cpu = CPU(ThreadPool(threads: threads), kernels) }

    /// Lends the threads until the lease is destroyed.
    ///
    /// - Precondition: nobody else has a lease.
    package func lend() -> ComputeLease {
        precondition(!isLent.exchange(true, ordering: .acquiringAndReleasing), "the pool is lent to one at a time")
        return ComputeLease(cpu: cpu, pool: self)
    }
}

/// The right to compute on all threads of a pool. There is one of it at a time.
package struct ComputeLease: ~Copyable, Sendable {
    /// The threads as a processor, to be used as long as the lease exists.
    package let cpu: CPU
    fileprivate let pool: ComputePool

    deinit { pool.isLent.store(false, ordering: .releasing) }
}
