import ArgumentParser
import PenstockCompute
import PenstockHub
import PenstockPipelines

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures this machine and how much of it a model's encoder uses.",
        discussion: """
            Runs batches of equal lengths, "batch x length", and one of 32 mixed lengths. The shares are of the machine's own \
            peak of arithmetic in the model's dtype and of its bandwidth of memory, measured in the same run. Without --json \
            a table also tells where the time goes.

            Examples:

              penstock bench google-bert/bert-base-uncased --case 1x8 --seconds 0
              penstock bench google-bert/bert-base-uncased --case 8x32 --seconds 0 \\
                --dtype bfloat16 --json
            """)

    @Argument(help: ModelHelp.argument, completion: ModelHelp.completion)
    var model: String

    @OptionGroup var precision: PrecisionOptions
    @OptionGroup var threads: ThreadOptions

    @Flag(help: "Print a line of JSON for the machine and one for each case.")
    var json = false

    @Option(
        name: .customLong("case"),
        help: "Only this case: sequences x tokens, such as 8x128, or mixed32; may be given several times.")
    var cases: [String] = []

    @Option(help: "Seconds to spend on each case; it is run 3 times at least and 200 times at most.")
    var seconds = 1.0

    func validate() throws {
        guard (0...3600).contains(seconds) else { throw ValidationError("--seconds has to be from 0 to 3600.") }
        for name in cases where BenchCase.named(name) == nil {
            throw ValidationError(
                "There is no case \(name); there are any number of sequences by any length, such as 8x128, and mixed32."
            )
        }
    }

    func run() async throws {
        let folders = try await ModelFolders(of: ModelLocation(model)) { ProgressDisplay.ofProcess }
        let model = try LoadedModel(
            directory: folders.directory, reading: .hiddenStates,
            folders.options(LoadOptions(dtype: precision.dtype, checksItself: precision.checksItself)),
            threads: threads.count)
        let chosen = cases.isEmpty ? BenchCase.all : cases.compactMap(BenchCase.named)
        let bench = try EngineBench(model, threads: threads.count, seconds: seconds)
        let report: any BenchReport = json ? BenchLines() : BenchTable()
        try report.write(bench.machine())
        for benchCase in chosen {
            guard let longest = benchCase.lengths.max(), longest <= model.maxInputTokens else { continue }
            try report.write(bench.measure(benchCase))
        }
    }
}
