import ArgumentParser
import Foundation
import PenstockPipelines
import PenstockServing

/// The options of every command that loads a model.
struct ModelOptions: ParsableArguments {
    @Argument(help: "The directory of a checkpoint, as on the Hugging Face Hub.")
    var model: String

    @Option(help: "What to do with it, by the names of transformers; inferred from the checkpoint if left out.")
    var task: String?

    @Option(help: "Threads that compute; by default all processors that the process may use.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads has to be from 1 to 1024.") }
    }

    /// How the model is to be served.
    var servingConfiguration: ServingConfiguration {
        var configuration = ServingConfiguration()
        if let threads { configuration.threads = threads }
        return configuration
    }

    /// Loads the model and starts its thread, for a user who waits for all answers and not for a warm-up.
    func worker() throws -> ModelWorker {
        var configuration = servingConfiguration
        configuration.requestTimeout = .seconds(1e6)
        configuration.warmsUp = false
        return try ModelWorker(try Pipeline(directory: model, task: task), configuration)
    }
}
