import PenstockFiles
import PenstockJSON
import PenstockPipelines

/// A chat from its first line to its last.
struct ChatSession {
    /// Answers a chat, and shows the answer as it comes. Returns what was shown of it, also if it was ended early.
    typealias Answer = (_ chat: JSONValue, _ parameters: JSONObject) async throws -> String

    private var lines: any ChatLines
    private var conversation: Conversation
    private let answer: Answer
    private var isFreeOfErrors = true

    init(lines: any ChatLines, conversation: Conversation, answer: @escaping Answer) {
        (self.lines, self.conversation, self.answer) = (lines, conversation, answer)
    }

    /// Takes lines until their end. Returns whether all messages could be answered.
    mutating func run() async throws -> Bool {
        var message = MessageLines()
        if lines.isTerminal { tell("Ctrl-D ends the chat, /help shows commands.") }
        while let line = try await lines.next(goesOn: message.isOpen) {
            guard case .text(let text) = line else {
                _ = message.finish()
                continue
            }
            // Only the first line of a message can be a command.
            let canBeCommand = !message.isOpen
            guard let said = message.take(text) else { continue }
            guard try await take(said, isCommand: canBeCommand) else { return isFreeOfErrors }
        }
        if let rest = message.finish() { _ = try await take(rest, isCommand: false) }
        return isFreeOfErrors
    }

    /// Does what was said. Returns false if that is the end.
    private mutating func take(_ text: String, isCommand: Bool) async throws -> Bool {
        switch isCommand ? ChatCommand(text) : .message(text) {
        case .message(let text):
            if text.allSatisfy(\.isWhitespace) { return true }
            conversation.say(text)
            if try await !respond() { conversation.takeBack() }
        case .regenerate:
            guard conversation.forgetAnswer() else {
                tell("there is no message to answer")
                return true
            }
            _ = try await respond()
        case .help: tell(ChatCommand.helpText)
        case .reset: conversation.reset()
        case .system(let text): conversation.system = text
        case .save(let path): attempt(path) { (chat) throws(CommandFailure) in try Self.save(chat, path) }
        case .load(let path): attempt(path) { (chat) throws(CommandFailure) in try Self.load(&chat, path) }
        case .showParameters: tell(parameters)
        case .set(let name, let value):
            do throws(PipelineError) {
                try conversation.set(name, value)
            } catch {
                fail(error.message)
            }
        case .end: return false
        case .mistake(let words): fail(words)
        }
        return true
    }

    /// Answers the last message. Returns false if that is not possible.
    private mutating func respond() async throws -> Bool {
        do {
            let text = try await answer(conversation.chat, conversation.parameters)
            if !text.isEmpty { conversation.answer(text) }
            return true
        } catch let error as CommandFailure {
            throw error
        } catch {
            fail(FailureMessage.line(for: error))
            return false
        }
    }

    // MARK: Files

    private mutating func attempt(
        _ path: String, _ body: (inout Conversation) throws(CommandFailure) -> Void
    ) {
        do throws(CommandFailure) {
            try body(&conversation)
        } catch {
            fail("\(path.shown): \(error)")
        }
    }

    private static func save(_ conversation: Conversation, _ path: String) throws(CommandFailure) {
        let file = try DataOutput(path: path, isGoingOn: true)
        try file.cut(to: 0)
        try file.write(conversation.json)
    }

    private static func load(_ conversation: inout Conversation, _ path: String) throws(CommandFailure) {
        let contents: [UInt8]
        do {
            contents = try InputFile(path: path).contents(atMost: 16 << 20).withBytes { Array($0) }
        } catch {
            throw CommandFailure(message: "it cannot be read: \(error)")
        }
        try conversation.load(contents)
    }

    // MARK: Words of the command

    private var parameters: String {
        let lines = conversation.parameters.entries.map { entry in
            var writer = JSONWriter()
            writer.value(entry.value)
            return "\(entry.key) \(String(decoding: writer.finish(), as: UTF8.self))"
        }
        return lines.isEmpty ? "all parameters are as by default" : lines.joined(separator: "\n")
    }

    private mutating func fail(_ words: String) {
        isFreeOfErrors = false
        tell("penstock: \(words)")
    }

    /// On standard error: standard output has answers alone. At once, so that it stands before what comes next.
    private func tell(_ words: String) { try? Descriptor.standardError.write(Array("\(words)\n".utf8)) }
}
