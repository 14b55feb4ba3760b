import ArgumentParser
import PenstockHub
import PenstockPipelines
import PenstockServing

/// The options of every command that loads models.
struct LoadingOptions: ParsableArguments {
    @Option(help: "What to do with a model, by the names of transformers; inferred from the checkpoint if left out.")
    var task: String?

    @Option(help: "Tokens of the longest input; by default as many as the model can take.")
    var maxInputTokens: Int?

    @Option(
        name: .customLong("prompt"),
        help: ArgumentHelp(
            """
            A text to put before sentences, above the checkpoint's own: the name that requests call it by as prompt_name, and \
            the text. Can be repeated.
            """, valueName: "name=text"))
    var prompts: [NamedPrompt] = []

    @Option(help: "The name of the prompt that is taken if a request names none.")
    var defaultPrompt: String?

    @OptionGroup var precision: PrecisionOptions

    func validate() throws {
        guard maxInputTokens ?? 1 > 0 else { throw ValidationError("--max-input-tokens has to be positive.") }
        guard let task else { return }
        do throws(PipelineError) {
            _ = try TaskRegistry.task(named: task)
        } catch {
            throw ValidationError("--task has to name a task: \(error.message)")
        }
    }

    var options: LoadOptions {
        var options = precision.options
        options.maxInputTokens = maxInputTokens
        options.prompts.texts = Dictionary(prompts.map { ($0.name, $0.text) }) { _, last in last }
        options.prompts.defaultName = defaultPrompt
        return options
    }
}

/// `NAME=TEXT`
struct NamedPrompt: ExpressibleByArgument {
    let name: String
    let text: String

    init?(argument: String) {
        guard let index = argument.firstIndex(of: "="), index > argument.startIndex else { return nil }
        (name, text) = (String(argument[..<index]), String(argument[argument.index(after: index)...]))
    }
}

/// Which of several GGUF files is the model.
struct GGUFOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Of several GGUF files, the one to take: a file, or a kind of numbers such as Q8_0.", valueName: "kind"))
    var gguf: String?
}

/// The options of every command that loads one model.
struct ModelOptions: ParsableArguments {
    @Argument(help: ModelHelp.argument, completion: ModelHelp.completion)
    var model: String

    @OptionGroup var wish: GGUFOption
    @OptionGroup var loading: LoadingOptions
    @OptionGroup var threads: ThreadOptions

    /// Loads the model, for a user who waits for all answers and not for a warm-up: nothing is refused because much waits.
    func servedModel() async throws -> ServedModel {
        let location = try ModelLocation(model)
        var serving = ServingConfiguration()
        serving.requestTimeout = .seconds(1e6)
        serving.streamTimeout = .seconds(1e6)
        serving.maxQueueTokens = 1 << 40
        serving.warmsUp = false
        let folders = try await ModelFolders(of: location, gguf: wish.gguf) { ProgressDisplay.ofProcess }
        let source = ModelSource(
            name: location.name, directory: folders.directory, task: loading.task,
            loading: folders.options(loading.options), serving: serving)
        return try source.load(on: Scheduler(threads: threads.count))
    }
}
