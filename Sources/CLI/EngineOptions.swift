import ArgumentParser
import PenstockCompute
import PenstockPipelines

extension DType: ExpressibleByArgument {}

/// The options of every command that computes.
struct EngineOptions: ParsableArguments {
    @Option(
        help: """
            How the numbers of the model's layers are stored: float32 (as transformers computes), bfloat16, int8, or auto for \
            the fastest that passes its self-check.
            """)
    var dtype = DType.float32

    @Option(help: "Threads that compute; by default one per physical core that the process may use.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads has to be from 1 to 1024.") }
    }

    var threadCount: Int { threads ?? AvailableProcessors.count }
}
