import CKernels

/// Measures the most that the processor can do, as far as this `CPU` uses it.
extension CPU {
    /// Multiplications and additions per second in registers, in a burst of a few milliseconds on all threads.
    package func peak(_ precision: Precision) -> Double {
        let rounds = 20_000
        let job = ExerciseJob(kernels: kernels, precision: precision, rounds: rounds)
        let chunks = threads * 24
        let duration = ContinuousClock().measure { run(job, chunks: chunks) }
        return kernels.table.pointee.exercise(precision.kernel, 1) * Double(rounds * chunks) / (duration / .seconds(1))
    }

    /// Bytes per second read from memory, by all threads together.
    ///
    /// - Parameter memory: much larger than the caches.
    package func readBandwidth(_ memory: UnitStorage, count: Int) -> Double {
        let floatsOfAChunk = 1 << 18
        let job = ReadJob(kernels: kernels, base: memory.base, count: floatsOfAChunk)
        let chunks = count / floatsOfAChunk
        let duration = ContinuousClock().measure { run(job, chunks: chunks) }
        return Double(chunks * floatsOfAChunk * MemoryLayout<Float>.stride) / (duration / .seconds(1))
    }
}

extension Kernels {
    /// True if products in bfloat16 are faster by a tenth at least than those in float32. Instructions for bfloat16 alone do
    /// not tell: some processors execute them at half the rate of float32's.
    ///
    /// Measured by this thread, once for each instruction set.
    package var gainsByBFloat16: Bool { Self.gainingByBFloat16.contains(name) }

    private static let gainingByBFloat16 = Set(
        available.filter { $0.hasInstructions(for: .bfloat16) && $0.speed(.bfloat16) > 1.1 * $0.speed(.float32) }
            .map(\.name))

    /// Multiplications and additions per second of this thread, the best of some bursts of less than a millisecond:
    /// whoever else wants the processor can only take time away.
    private func speed(_ precision: Precision) -> Double {
        let operations = table.pointee.exercise(precision.kernel, 1)
        let rounds = Int((20e6 / operations).rounded(.up))
        let times = (0..<7).map { _ in
            ContinuousClock().measure { _ = table.pointee.exercise(precision.kernel, rounds) } / .seconds(1)
        }
        return operations * Double(rounds) / (times.min() ?? .infinity)
    }
}

private struct ExerciseJob: ParallelJob {
    let kernels: Kernels
    let precision: Precision
    let rounds: Int

    func run(chunk: Int, thread: Int) { _ = kernels.table.pointee.exercise(precision.kernel, rounds) }
}

private struct ReadJob: ParallelJob {
    let kernels: Kernels
    let base: UnsafeMutablePointer<Float>
    let count: Int

    func run(chunk: Int, thread: Int) {
        // Kept from being optimized away by the call through a pointer.
        _ = kernels.table.pointee.sum(count, base + chunk * count)
    }
}
