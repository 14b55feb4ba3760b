import ArgumentParser
import Glibc
import PenstockJSON
import PenstockPipelines
import PenstockServing

struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with a model.",
        discussion: """
            Each line is a message, and is answered as it comes. A line that ends with a backslash goes on with the next, and \
            all lines between two lines of \"\"\" are one message. On a terminal lines can be edited, the arrows bring back \
            what was said before, and Ctrl-C ends an answer. From a pipe or a file messages are taken as well; then there is \
            nothing but answers on standard output, and the exit status is 1 if one of them failed.

            \(ChatCommand.helpText)

            Examples:

              penstock chat HuggingFaceTB/SmolLM2-135M-Instruct
              penstock chat HuggingFaceTB/SmolLM2-135M-Instruct \\
                --system "You answer in one sentence."
              penstock chat HuggingFaceTB/SmolLM2-135M-Instruct \\
                --parameters '{"temperature": 0.2, "seed": 1}' < masks.txt
            """)

    @OptionGroup var options: ModelOptions

    @Option(help: "What the model is told before all messages.")
    var system: String?

    @Option(help: "Options of text-generation, as a JSON object.", transform: Run.object)
    var parameters = JSONObject()

    func run() async throws {
        var conversation = Conversation(system: system)
        for entry in parameters.entries { try conversation.set(entry.key, entry.value) }
        let model = try await options.servedModel()
        guard let task = model.textGeneration else {
            throw CommandFailure(message: "\(model.name) does not generate texts, so that there are no chats with it")
        }
        let keys = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 ? try TerminalKeys() : nil
        let answering = ChatAnswering(model: model, task: task, keys: keys)
        let lines: any ChatLines = if let keys { TerminalLines(keys) } else { await PipedLines() }
        var session = ChatSession(lines: lines, conversation: conversation, answer: answering.answer)
        guard try await session.run() else { throw CommandFailure(message: nil) }
    }
}
