import ArgumentParser
import Glibc
import PenstockCompute
import PenstockJSON
import PenstockPipelines
import PenstockServing

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Answer texts without a server.",
        discussion: """
            Texts come from the command line, or else from a file or standard input, one per line. Each is answered with a \
            line of JSON on standard output, in their order; a text that cannot be answered with {"error": …}, and the exit \
            status is then 1. Many are on their way at a time, as large batches; since nothing is padded, it does not matter \
            how long their neighbours are.

            Examples:

              penstock run google-bert/bert-base-uncased "Paris is the [MASK] of France."
              penstock run google-bert/bert-base-uncased --parameters '{"top_k": 1}' \\
                < masks.txt > answers.jsonl
              penstock run sentence-transformers/all-MiniLM-L6-v2 \\
                --input texts.txt --output embeddings.npy --dtype auto
              penstock run org/reviews --input reviews.csv --column text \\
                --output labels.csv
              penstock run org/answers --input questions.jsonl \\
                --column question --column context
              penstock run org/reviews --input reviews.csv --column text \\
                --output labels.csv --skip 3

            The last one goes on behind three inputs that were answered before.

            The options that --parameters takes, by task:

            \(TaskHelp.text)
            """)

    @OptionGroup var options: ModelOptions

    @Option(help: "Options of the task, as a JSON object.", transform: Run.object)
    var parameters = JSONObject()

    @OptionGroup(title: "Data sets") var input: InputOptions
    @OptionGroup(title: "Data sets") var output: OutputOptions

    @Argument(help: "Texts to answer.")
    var texts: [String] = []

    func validate() throws {
        if input.isAskedFor, !texts.isEmpty {
            throw ValidationError("There are texts on the command line, so that no others are read.")
        }
    }

    func run() async throws {
        // The files come first: what is wrong with them is known before a model is loaded.
        let file = texts.isEmpty ? try input.open() : nil
        let writer = try output.writer(skip: input.skip, parameters)
        let model = try await options.servedModel()
        var parameters = parameters
        if output.format == .npy {
            guard let task = model.pipelines.first?.task, task == "sentence-similarity" else {
                throw CommandFailure(
                    message:
                        "npy takes embeddings, as the task sentence-similarity gives them; choose jsonl or csv for "
                        + "\(model.pipelines.first?.task ?? "this task")")
            }
            parameters = JSONObject(
                parameters.entries.filter { $0.key != "encoding_format" }.map { ($0.key, $0.value) }
                    + [("encoding_format", .string("base64"))])
        }
        if let pipeline = model.pipelines.first { try await Self.check(parameters, of: pipeline) }
        if file == nil, output.output == nil, isatty(STDOUT_FILENO) == 1, let task = model.textGeneration {
            return try await TerminalStream(model: model, task: task, parameters: parameters).answer(texts)
        }
        let session = session(model, parameters, progress: progress(file))
        let isComplete =
            if let file {
                try await session.answer(
                    await RecordSource(file, input.splitter, skip: input.skip), input.decode, into: writer)
            } else {
                try await session.answer(texts, into: writer)
            }
        if !isComplete { throw CommandFailure(message: nil) }
    }

    /// Refuses what no input can be answered with before any is read.
    private static func check(_ parameters: JSONObject, of pipeline: JSONPipeline) async throws(CommandFailure) {
        // A missing parameter is told for each input, as a server does.
        guard !parameters.entries.isEmpty else { return }
        do throws(PipelineError) {
            try await pipeline.check(parameters: parameters)
        } catch {
            guard error.code == .invalidParameter else { return }
            throw CommandFailure(message: error.message, status: 2)
        }
    }

    private func session(_ model: ServedModel, _ parameters: JSONObject, progress: RunProgress?) -> LineSession {
        // Somebody waits for all answers, however long that takes.
        let deadline = ContinuousClock.now + model.configuration.requestTimeout
        var session = LineSession { input, turn in
            let client = Client(of: .anybody, deadline: deadline, answerLimit: .max)
            let answer = try await model.answer(
                input, parameters: parameters, for: client, room: turn.take(bytes:))
            progress?.add(tokens: answer.tokens)
            return answer.result
        }
        session.progress = progress
        return session
    }

    /// Returns what shows on a terminal how far it is; nil if answers or whoever writes the inputs are on it, too.
    private func progress(_ file: DataInput?) -> RunProgress? {
        guard let file, ProgressDisplay.showsBars, isatty(file.descriptor.number) == 0,
            output.output != nil || isatty(STDOUT_FILENO) == 0
        else { return nil }
        return RunProgress(size: input.skip == 0 ? file.size : nil, width: { ProgressDisplay.columns }) {
            LogQueue.standardError.add(Array($0.utf8))
        }
    }

    /// A JSON object in an argument.
    @Sendable static func object(_ text: String) throws -> JSONObject {
        do {
            guard let object = try JSONValue(parsing: text.utf8).object else {
                throw ValidationError("it has to be a JSON object")
            }
            return object
        } catch let error as JSONError {
            throw ValidationError("it is not JSON: \(error)")
        }
    }
}
