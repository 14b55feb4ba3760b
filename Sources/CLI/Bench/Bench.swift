import ArgumentParser
import PenstockCheckpoints
import PenstockCompute
import PenstockHub
import PenstockModels
import PenstockPipelines
import PenstockServing

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures this machine and how much of it a model uses.",
        discussion: """
            Runs batches of equal lengths, "batch x length", and one of 32 mixed lengths. The shares are of the machine's own \
            peak of arithmetic in the model's dtype and of its bandwidth of memory, measured in the same run. Without --json \
            a table also tells where the time goes.

            With --generation it runs steps of a model that generates text: a prompt, "prompt512", and the next token of \
            sequences at a depth, "sequences@depth", each the likeliest. The bandwidth counts weights, keys and values.

            Examples:

              penstock bench google-bert/bert-base-uncased --case 1x8 --seconds 0
              penstock bench google-bert/bert-base-uncased --case 8x32 --seconds 0 \\
                --dtype bfloat16 --json
            """)

    @Argument(help: ModelHelp.argument, completion: ModelHelp.completion)
    var model: String

    @OptionGroup var wish: GGUFOption
    @OptionGroup var precision: PrecisionOptions
    @OptionGroup var threads: ThreadOptions

    @Flag(help: "Measure steps of generation, of a model that generates text.")
    var generation = false

    @Flag(help: "Print a line of JSON for the machine and one for each case.")
    var json = false

    @Option(
        name: .customLong("case"),
        help: """
            Only this case: sequences x tokens, such as 8x128, or mixed32; with --generation prompt512 or 16@0 and the like; may \
            be given several times.
            """)
    var cases: [String] = []

    @Option(help: "Seconds to spend on each case; it is run 3 times at least and 200 times at most.")
    var seconds = 1.0

    func validate() throws {
        guard (0...3600).contains(seconds) else { throw ValidationError("--seconds has to be from 0 to 3600.") }
        if generation {
            guard precision.dtype != .auto else {
                throw ValidationError("--generation measures one dtype; name it by --dtype.")
            }
            for name in cases where GenerationCase(named: name) == nil {
                throw ValidationError(
                    "There is no case \(name); there are prompts of any length, such as prompt512, and any number of "
                        + "sequences at any depth, such as 16@0.")
            }
            return
        }
        for name in cases where BenchCase.named(name) == nil {
            throw ValidationError(
                "There is no case \(name); there are any number of sequences by any length, such as 8x128, and mixed32."
            )
        }
    }

    func run() async throws {
        let folders = try await ModelFolders(of: ModelLocation(model), gguf: wish.gguf) { ProgressDisplay.ofProcess }
        let report: any BenchReport = json ? BenchLines() : BenchTable()
        if generation {
            try measureGeneration(folders, report)
        } else {
            try measurePasses(folders, report)
        }
    }

    private func measurePasses(_ folders: ModelFolders, _ report: any BenchReport) throws {
        let model = try LoadedModel(
            directory: folders.directory, reading: .hiddenStates,
            folders.options(precision.options),
            threads: threads.count)
        let chosen = cases.isEmpty ? BenchCase.all : cases.compactMap(BenchCase.named)
        let bench = try EngineBench(model, threads: threads.count, seconds: seconds)
        try report.write(bench.limits())
        for benchCase in chosen {
            guard let longest = benchCase.lengths.max(), longest <= model.maxInputTokens else { continue }
            try report.write(bench.measure(benchCase))
        }
    }

    private func measureGeneration(_ folders: ModelFolders, _ report: any BenchReport) throws {
        let checkpoint = try Checkpoint(directory: folders.directory, base: folders.adapterBase)
        let dtype = DType.chosen(precision.dtype, for: checkpoint)
        guard dtype != .auto else {
            throw ValidationError("The checkpoint has no blocks; name another dtype by --dtype.")
        }
        let model = try loadDecoder(checkpoint, dtype)
        let chosen = cases.isEmpty ? GenerationCase.all : cases.compactMap { GenerationCase(named: $0) }
        let bench = try GenerationBench(model, dtype, threads: threads.count, seconds: seconds)
        try report.write(bench.limits())
        for benchCase in chosen where benchCase.longest <= model.limits.tokens {
            try report.write(bench.measure(benchCase))
        }
    }

    private func loadDecoder(_ checkpoint: Checkpoint, _ dtype: DType) throws -> DecoderModel {
        let lease = ComputePool(threads: threads.count).lend()
        return try ModelRegistry.loadDecoder(
            checkpoint,
            for: LoadTarget(
                ComputeTurns(lease.cpu), format: dtype.format(on: lease.cpu.kernels),
                hasBytePages: precision.keyValues == .int8))
    }
}
