import PenstockJSON

/// The request that a line of a chat makes.
package enum ChatCommand: Equatable {
    case message(String)
    case help
    /// Forget all messages.
    case reset
    /// Change what the model is told before all messages; nil for nothing.
    case system(String?)
    case save(String)
    case load(String)
    /// Answer the last message once more.
    case regenerate
    /// Show the parameters.
    case showParameters
    case set(name: String, value: JSONValue)
    case end
    /// A command that cannot be understood, and why.
    case mistake(String)

    static let helpText = """
        Commands:

          /help               show these
          /reset              forget all messages
          /system [TEXT]      change what the model is told first; without a text, nothing
          /save FILE          write the messages to a file, as JSON
          /load FILE          go on with the messages of a file
          /regenerate         answer the last message once more
          /set                show the parameters
          /set NAME VALUE     change a parameter: temperature 0.2; null is its default
          /exit               end, as Ctrl-D does
        """

    private static let names = ["help", "reset", "system", "save", "load", "regenerate", "set", "exit", "quit"]

    /// Reads a line; what begins with no slash is a message.
    package init(_ text: String) {
        guard text.hasPrefix("/") else {
            self = .message(text)
            return
        }
        let words = text.dropFirst().split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let name = words.first.map(String.init) ?? ""
        let rest = words.count > 1 ? String(words[1].trimmed) : ""
        switch name {
        case "help": self = .help
        case "reset": self = .reset
        case "system": self = .system(rest.isEmpty ? nil : rest)
        case "save": self = rest.isEmpty ? .mistake("/save needs the name of a file") : .save(rest)
        case "load": self = rest.isEmpty ? .mistake("/load needs the name of a file") : .load(rest)
        case "regenerate": self = .regenerate
        case "set": self = Self.set(rest)
        case "exit", "quit": self = .end
        default:
            self = .mistake(
                "there is no command /\(name.shown)\(NearNames.question(name, among: Self.names)); /help shows all, and "
                    + "a space before the slash makes it a message")
        }
    }

    private static func set(_ rest: String) -> ChatCommand {
        let words = rest.split(separator: " ", maxSplits: 1)
        guard let name = words.first else { return .showParameters }
        guard words.count > 1 else { return .mistake("/set \(String(name).shown) needs a value") }
        let text = String(words[1].trimmed)
        // Any value that is not JSON is a text.
        return .set(name: String(name), value: (try? JSONValue(parsing: text.utf8)) ?? .string(text))
    }
}

extension Substring {
    /// The text without white space around it.
    fileprivate var trimmed: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
