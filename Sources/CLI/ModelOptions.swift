import ArgumentParser
import PenstockPipelines
import PenstockServing

/// The options of every command that loads a model.
struct ModelOptions: ParsableArguments {
    @Argument(help: "The directory of a checkpoint, as on the Hugging Face Hub.")
    var model: String

    @Option(help: "What to do with it, by the names of transformers; inferred from the checkpoint if left out.")
    var task: String?

    @OptionGroup var engine: EngineOptions

    /// How the model is to be served.
    var servingConfiguration: ServingConfiguration { ServingConfiguration(threads: engine.threadCount) }

    /// Loads the model.
    var pipeline: @Sendable () throws -> JSONPipeline {
        let (model, task, engine) = (model, task, engine)
        return {
            try JSONPipeline(
                directory: model, task: task, dtype: engine.dtype, threads: engine.threadCount,
                checksItself: engine.checksItself)
        }
    }

    /// Loads the model and starts its thread, for a user who waits for all answers and not for a warm-up: nothing is
    /// refused because much waits.
    func servedModel() throws -> ServedModel {
        var configuration = servingConfiguration
        configuration.requestTimeout = .seconds(1e6)
        configuration.maxQueueTokens = 1 << 40
        configuration.warmsUp = false
        return try ServedModel(pipeline(), configuration)
    }
}
