import ArgumentParser
import PenstockJSON

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer texts without a server.",
        discussion: """
            Texts come from the command line, or else from standard input, one per line. Each is answered with a line of \
            JSON on standard output, in their order; a text that cannot be answered with {"error": …}, and the exit \
            status is then 1.

            The options that --parameters takes, by task:

            \(TaskHelp.text)
            """)

    @OptionGroup var options: ModelOptions

    @Option(help: "Options of the task, as a JSON object.", transform: Run.object)
    var parameters = JSONObject()

    @Flag(help: "Read a JSON value per line of standard input: the \"inputs\" of a request.")
    var jsonl = false

    @Argument(help: "Texts to answer.")
    var texts: [String] = []

    func validate() throws {
        if jsonl, !texts.isEmpty { throw ValidationError("--jsonl reads standard input; it takes no texts.") }
    }

    func run() async throws {
        let (model, parameters) = (try await options.servedModel(), parameters)
        let session = LineSession { try await model.answer($0, parameters: parameters, room: $1.take(bytes:)) }
        let isComplete =
            if texts.isEmpty {
                try await session.answerStandardInput(jsonl ? InputLine.json : InputLine.text)
            } else {
                try await session.answer(texts)
            }
        if !isComplete { throw CommandFailure(message: nil) }
    }

    @Sendable private static func object(_ text: String) throws -> JSONObject {
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
