import ArgumentParser
import PenstockCompute
import PenstockPipelines

/// In which precision layers are made.
struct PrecisionOptions: ParsableArguments {
    @Option(
        help: """
            How the numbers of the model's layers are stored: float32 (as transformers computes), bfloat16, int8, int4, blocks \
            (of a GGUF file, computed as they are), or auto for the fastest that passes its self-check. By default float32, \
            and blocks for a GGUF file that has some.
            """, completion: Choice.completion(DType.self), transform: Choice.named)
    var dtype: DType?

    @Flag(
        name: .customLong("self-check"), inversion: .prefixedNo,
        help: """
            Compare a model of reduced precision with the same one in float32 when it is loaded, which takes the time and the \
            memory of loading both. The dtype auto chooses by this comparison.
            """)
    var checksItself = true

    @Option(
        name: .customLong("kv"),
        help: ArgumentHelp(
            """
            How keys and values of texts that are generated are stored: model (in the precision of the model's attention) or \
            int8, which takes some half of the memory of bfloat16 and is less exact.
            """, valueName: "type"), completion: Choice.completion(KeyValueType.self), transform: Choice.named)
    var keyValues = KeyValueType.model

    var options: LoadOptions {
        var options = LoadOptions(dtype: dtype, checksItself: checksItself)
        options.keyValues = keyValues
        return options
    }

    func validate() throws {
        if dtype == .auto, !checksItself {
            throw ValidationError("--dtype auto chooses by the self-check; name a dtype beside --no-self-check.")
        }
    }
}

/// The options of the threads that compute.
struct ThreadOptions: ParsableArguments {
    @Option(help: "Threads that compute; by default one per physical core that the process may use.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads has to be from 1 to 1024.") }
    }

    var count: Int { threads ?? AvailableProcessors.count }
}
