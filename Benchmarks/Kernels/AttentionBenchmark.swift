import PenstockCompute

/// Twelve heads of 64 over one sequence.
enum AttentionBenchmark {
    private static let shape = AttentionShape(heads: 12, headSize: 64, scale: 0.125)
    private static let width = 768

    private static let kinds: [(name: String, terms: ScoreTerms, visibility: Visibility)] = [
        ("none", .none, .everything),
        ("table", .byDistance(DistanceTable(heads: 12, reach: 128) { Float($0 - $1) / 64 }), .everything),
        ("ALiBi", .alibi(ALiBi(slopes: ALiBi.slopes(heads: 12), measure: .distance)), .everything),
        ("past", .none, .past),
        ("window 64", .none, .window(before: 64, behind: 64)),
    ]

    static func run(on cpu: CPU) throws {
        print("\nattention: milliseconds (share of none)")
        let header = kinds.map { KernelBenchmark.pad($0.name, 18) }.joined()
        print(KernelBenchmark.pad("tokens") + KernelBenchmark.pad("precision") + header)
        for precision in [Precision.float32, .bfloat16] {
            for tokens in [128, 512, 2048] {
                let times = try times(tokens: tokens, precision, on: cpu)
                let cells = times.map { time in
                    let share = KernelBenchmark.number(time / times[0], digits: 3)
                    return KernelBenchmark.pad("\(KernelBenchmark.number(time * 1000, digits: 2)) (\(share))", 18)
                }
                print(
                    KernelBenchmark.pad("\(tokens)") + KernelBenchmark.pad(precision.rawValue) + cells.joined())
            }
        }
    }

    private struct Buffers {
        let input: Matrix
        let output: Matrix
        let scratch: AttentionScratch

        init(tokens: Int, _ precision: Precision, on cpu: CPU, from workspace: Workspace) {
            input = cpu.attentionInput(
                rows: tokens, columns: 3 * width, shape: shape, precision: precision, from: workspace)
            output = workspace.matrix(rows: tokens, columns: width, precision: precision)
            scratch = cpu.attentionScratch(
                longest: tokens, shape: shape, input: input, terms: kinds[1].terms, from: workspace)
        }
    }

    private static func times(tokens: Int, _ precision: Precision, on cpu: CPU) throws -> [Double] {
        let workspace = try Workspace { _ = Buffers(tokens: tokens, precision, on: cpu, from: $0) }
        let buffers = Buffers(tokens: tokens, precision, on: cpu, from: workspace)
        try buffers.input.randomise(on: cpu)
        let bodies = kinds.map { kind in
            {
                cpu.attention(
                    queries: buffers.input.columns(0..<width), keys: buffers.input.columns(width..<2 * width),
                    values: buffers.input.columns(2 * width..<3 * width), offsets: [0, tokens], shape: shape,
                    terms: kind.terms, visibility: kind.visibility, scratch: buffers.scratch, into: buffers.output)
            }
        }
        return withExtendedLifetime(workspace) {
            KernelBenchmark.leastTimes(bodies, rounds: 25, repeats: max(1, 512 / tokens))
        }
    }
}
