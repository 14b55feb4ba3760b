import PenstockCompute
import PenstockModels
import PenstockPipelines

/// Runs a pipeline's model and the limits of the machine in turns.
struct EngineBench: ~Copyable {
    private let loaded: LoadedModel
    private let lease: ComputeLease
    private var cpu: CPU { lease.cpu }
    private let precision: Precision
    private let seconds: Double
    /// Read to find the bandwidth: larger than any cache.
    private let memory: UnitStorage
    private static let memoryFloats = 1 << 26

    /// The machine's limits, by its medians.
    struct Machine {
        let instructions: String
        let threads: Int
        /// Operations per second.
        let peaks: [(precision: Precision, operations: Double)]
        /// Bytes per second.
        let bandwidth: Double
    }

    /// What was measured of a case, by its medians.
    struct Measurement {
        let name: String
        let dtype: DType
        let seconds: Double
        let tokens: Int
        /// Operations done per operation that the machine could have done.
        let shareOfPeak: Double
        /// Bytes of weights read per byte that the machine could have read.
        let shareOfBandwidth: Double
        let stages: [(stage: Stage, seconds: Double)]

        var tokensPerSecond: Double { Double(tokens) / seconds }
    }

    /// - Parameter seconds: how long each case is run.
    init(_ loaded: LoadedModel, threads: Int, seconds: Double) throws {
        self.loaded = loaded
        self.seconds = seconds
        lease = ComputePool(threads: threads).lend()
        precision = Precision(rawValue: loaded.dtype.rawValue) ?? .float32
        memory = try UnitStorage(count: Self.memoryFloats)
        for index in stride(from: 0, to: Self.memoryFloats, by: 1024) { memory.base[index] = 1 }
    }

    private func bandwidth() -> Double { cpu.readBandwidth(memory, count: Self.memoryFloats) }

    func machine() -> Machine {
        var peaks: [Precision: [Double]] = [:]
        var bandwidths: [Double] = []
        for _ in 0..<9 {
            for precision in Precision.allCases { peaks[precision, default: []].append(cpu.peak(precision)) }
            bandwidths.append(bandwidth())
        }
        return Machine(
            instructions: cpu.kernels.name, threads: cpu.threads,
            peaks: Precision.allCases.map { ($0, (peaks[$0] ?? []).median) }, bandwidth: bandwidths.median)
    }

    /// Runs a case, and the limits of the machine before each run. Reading the memory empties the caches, so that another
    /// run comes before the one that counts.
    func measure(_ benchCase: BenchCase) throws -> Measurement {
        let run = try CaseRun(loaded.model, benchCase.lengths, on: cpu)
        _ = try run.seconds()
        var (times, peaks, bandwidths): ([Double], [Double], [Double]) = ([], [], [])
        while times.count < 3 || times.count < 200 && times.reduce(0, +) < seconds {
            bandwidths.append(bandwidth())
            peaks.append(cpu.peak(precision))
            _ = try run.seconds()
            times.append(try run.seconds())
        }
        cpu.startTiming()
        let timed = try run.seconds()
        let stages = cpu.stopTiming()
        let seconds = times.median
        let cost = loaded.model.cost
        return Measurement(
            name: benchCase.name, dtype: loaded.dtype, seconds: seconds, tokens: benchCase.lengths.reduce(0, +),
            shareOfPeak: Double(cost.operations(lengths: benchCase.lengths)) / seconds / peaks.median,
            shareOfBandwidth: Double(cost.weightBytes) / seconds / bandwidths.median,
            stages: Stage.allCases.map { ($0, (stages[$0] ?? .zero) / .seconds(1) / timed * seconds) })
    }
}

/// A batch and the memory to run it in.
private struct CaseRun {
    private let model: any Model
    private let cpu: CPU
    private let workspace: Workspace
    private var batch: ModelBatch

    init(_ model: any Model, _ lengths: [Int], on cpu: CPU) throws {
        self.model = model
        self.cpu = cpu
        batch = ModelBatch(for: model)
        let limit = min(20000, model.limits.vocabularySize)
        var id = 0
        for length in lengths {
            let ids = (0..<length).map { _ in
                id = (id + 7919) % limit
                return Int32(id)
            }
            batch.append(
                ModelInput(ids: ids, typeIDs: Array(repeating: 0, count: length), reading: .hiddenStates))
        }
        workspace = try model.workspace(tokens: batch.packed.tokens, on: cpu)
    }

    func seconds() throws -> Double {
        let duration = try ContinuousClock().measure {
            _ = try model.forward(batch, on: cpu, in: workspace, isWanted: { true }) { _, _ in }
        }
        return duration / .seconds(1)
    }
}

extension [Double] {
    /// The middle one, of an even number the upper one.
    fileprivate var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
