import PenstockCompute
import PenstockPipelines

/// The machine that a bench runs on, and its limits.
struct BenchMachine: ~Copyable {
    private let lease: ComputeLease
    /// Read to find the bandwidth: larger than any cache.
    private let memory: UnitStorage
    private static let memoryFloats = 1 << 26

    /// The processor that computes.
    var cpu: CPU { lease.cpu }

    /// The machine's limits, by its medians.
    struct Limits {
        let instructions: String
        let threads: Int
        /// Operations per second.
        let peaks: [(precision: Precision, operations: Double)]
        /// Bytes per second.
        let bandwidth: Double
    }

    init(threads: Int) throws {
        lease = ComputePool(threads: threads).lend()
        memory = try UnitStorage(count: Self.memoryFloats)
        for index in stride(from: 0, to: Self.memoryFloats, by: 1024) { memory.base[index] = 1 }
    }

    /// Bytes per second read from memory. The caches hold nothing of use behind it.
    func bandwidth() -> Double { cpu.readBandwidth(memory, count: Self.memoryFloats) }

    /// Measures the limits.
    ///
    /// - Parameter seconds: what the measurements take together, of which there are 3 at least and 9 at most
    func limits(seconds: Double) -> Limits {
        var peaks: [Precision: [Double]] = [:]
        var bandwidths: [Double] = []
        let start = ContinuousClock.now
        while bandwidths.count < 3 || bandwidths.count < 9 && start.duration(to: .now) / .seconds(1) < seconds {
            for precision in Precision.allCases { peaks[precision, default: []].append(cpu.peak(precision)) }
            bandwidths.append(bandwidth())
        }
        return Limits(
            instructions: cpu.kernels.name, threads: cpu.threads,
            peaks: Precision.allCases.map { ($0, (peaks[$0] ?? []).median) }, bandwidth: bandwidths.median)
    }
}

/// The measurement of a case, by its medians.
struct BenchMeasurement {
    let name: String
    let dtype: DType
    let seconds: Double
    let tokens: Int
    /// Operations done per operation that the machine could have done.
    let shareOfPeak: Double
    /// Bytes of weights, keys and values read per byte that the machine could have read.
    let shareOfBandwidth: Double
    let stages: [(stage: Stage, seconds: Double)]

    var tokensPerSecond: Double { Double(tokens) / seconds }
}

extension BenchMachine {
    /// The cost of a run, whatever computes it.
    struct Cost {
        let tokens: Int
        let operations: Double
        let bytes: Double
    }

    /// Runs a case, and the limits of the machine before each run. Reading the memory empties the caches, so that another
    /// run comes before the one that counts.
    ///
    /// - Parameters:
    ///   - seconds: how long the runs that count take together, of which there are 3 at least and 200 at most
    ///   - repeats: how many times the case is done in a run
    ///   - run: returns the seconds that a run took
    func measure(
        _ name: String, _ dtype: DType, _ cost: Cost, seconds: Double, repeats: Int = 1, _ run: () throws -> Double
    ) rethrows -> BenchMeasurement {
        let precision = dtype.arithmetic
        _ = try run()
        var (times, peaks, bandwidths): ([Double], [Double], [Double]) = ([], [], [])
        while times.count < 3 || times.count < 200 && times.reduce(0, +) < seconds {
            bandwidths.append(bandwidth())
            peaks.append(cpu.peak(precision))
            _ = try run()
            times.append(try run())
        }
        cpu.startTiming()
        let timed = try run()
        let stages = cpu.stopTiming()
        let seconds = times.median / Double(repeats)
        return BenchMeasurement(
            name: name, dtype: dtype, seconds: seconds, tokens: cost.tokens,
            shareOfPeak: cost.operations / seconds / peaks.median,
            shareOfBandwidth: cost.bytes / seconds / bandwidths.median,
            stages: Stage.allCases.map { ($0, (stages[$0] ?? .zero) / .seconds(1) / timed * seconds) })
    }
}

extension [Double] {
    /// The middle one, of an even number the upper one.
    fileprivate var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
