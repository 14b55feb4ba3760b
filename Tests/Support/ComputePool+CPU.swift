import PenstockCompute

/// A processor of so many threads, for one user.
package func makeCPU(threads: Int, kernels: Kernels = .best) -> CPU {
    ComputePool(threads: threads, kernels: kernels).lend().cpu
}

/// The same, for what is loaded.
package func makeTurns(threads: Int, kernels: Kernels = .best) -> ComputeTurns {
    ComputeTurns(makeCPU(threads: threads, kernels: kernels))
}
