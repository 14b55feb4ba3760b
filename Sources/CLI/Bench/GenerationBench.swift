import PenstockCompute
import PenstockModels
import PenstockPipelines

/// Runs steps of a decoder, each with the likeliest next token.
struct GenerationBench: ~Copyable {
    private let model: DecoderModel
    private let dtype: DType
    private let machine: BenchMachine
    private let seconds: Double

    /// - Parameter seconds: how long each case is run.
    init(_ model: DecoderModel, _ dtype: DType, threads: Int, seconds: Double) throws {
        (self.model, self.dtype, self.seconds) = (model, dtype, seconds)
        machine = try BenchMachine(threads: threads)
    }

    func limits() -> BenchMachine.Limits { machine.limits(seconds: seconds) }

    func measure(_ benchCase: GenerationCase) throws -> BenchMeasurement {
        let run = try GenerationRun(model, benchCase, on: machine.cpu)
        return machine.measure(
            benchCase.name, dtype, cost(of: benchCase), seconds: seconds, repeats: run.steps, run.seconds)
    }

    private func cost(of benchCase: GenerationCase) -> BenchMachine.Cost {
        let (cost, head) = (model.cost, model.headCost)
        let weights = Double(cost.weightBytes + head.bytes)
        switch benchCase {
        case .prompt(let tokens):
            return BenchMachine.Cost(
                tokens: tokens, operations: Double(cost.operations(lengths: [tokens]) + head.operations), bytes: weights
            )
        case .decode(let sequences, let depth):
            // Those of the step in the middle of a run.
            let length = depth + GenerationCase.steps / 2
            let step = cost.operations(lengths: [length]) - cost.operations(lengths: [length - 1]) + head.operations
            return BenchMachine.Cost(
                tokens: sequences, operations: Double(sequences * step),
                bytes: weights + Double(sequences * length * model.pages.bytes / PageShape.tokens))
        }
    }
}

/// Sequences and the memory to run them in.
private final class GenerationRun {
    private let model: DecoderModel
    private let benchCase: GenerationCase
    private let cpu: CPU
    private let workspace: Workspace
    private let pool: PagePool
    private let step = DecoderStep()
    private var sequences: [DecoderSequence] = []
    /// The tokens of a prompt, or the next of each sequence.
    private var ids: [Int32]

    /// Tokens of a chunk of what sequences begin with.
    private static let chunk = 512

    /// The steps of a run.
    var steps: Int { if case .decode = benchCase { GenerationCase.steps } else { 1 } }

    init(_ model: DecoderModel, _ benchCase: GenerationCase, on cpu: CPU) throws {
        (self.model, self.benchCase, self.cpu) = (model, benchCase, cpu)
        var tokens = BenchTokens(for: model.limits)
        let (count, depth): (Int, Int)
        switch benchCase {
        case .prompt(let length): (count, depth, ids) = (1, 0, tokens.next(length))
        case .decode(let sequences, let length): (count, depth, ids) = (sequences, length, tokens.next(sequences))
        }
        let longest = max(ids.count, Self.chunk)
        workspace = try Workspace { model.layOut(stepTokens: longest, on: cpu, in: $0) }
        pool = try PagePool(model.pages, count: count * PageShape.pages(for: benchCase.longest))
        for _ in 0..<count {
            let sequence = DecoderSequence(rotation: try model.rotation(extent: benchCase.longest))
            sequences.append(sequence)
            for start in stride(from: 0, to: depth, by: Self.chunk) {
                run([(sequence, tokens.next(min(Self.chunk, depth - start)))], reading: .nothing)
            }
        }
    }

    func seconds() -> Double {
        let lengths = sequences.map(\.length)
        let duration = ContinuousClock().measure {
            if case .prompt = benchCase { return run([(sequences[0], ids)]) }
            for _ in 0..<GenerationCase.steps { run(zip(sequences, ids).map { ($0, [$1]) }) }
        }
        for (sequence, length) in zip(sequences, lengths) { sequence.rollBack(to: length, in: pool) }
        return duration / .seconds(1)
    }

    /// Runs a step. The likeliest tokens are the next of a decode.
    private func run(_ items: [(DecoderSequence, [Int32])], reading: DecoderStep.Reading = .last) {
        step.removeAll()
        for (sequence, ids) in items {
            _ = sequence.reserve(ids.count, in: pool)
            step.append(sequence, ids: ids, reading: reading)
        }
        _ = model.forward(step, in: pool, on: cpu, in: workspace, isWanted: { true }) { rows, logits in
            guard case .decode = benchCase else { return }
            ids.withUnsafeMutableBufferPointer { cpu.findGreatest(logits, into: .init(rebasing: $0[rows])) }
        }
    }
}
