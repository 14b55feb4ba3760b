import PenstockJSON
import PenstockTokenizers

/// Makes prompts of pairs of texts, by the chat template of a cross-encoder that takes chats.
struct PairChats: Sendable {
    private let settings: ChatSettings
    private let form: ChatSettings.Form
    private let prompts: ChatPrompts
    private let options: ChatOptions
    private let encoder: TextEncoder

    /// - Throws: ``PipelineError`` for a template of which a pair cannot be made.
    init(_ settings: ChatSettings, _ resources: TaskResources, _ encoder: TextEncoder) throws {
        self.settings = settings
        self.encoder = encoder
        prompts = try ChatPrompts(resources.checkpoint, encoder.tokenizer)
        form = settings.form(of: prompts.source(hasTools: false))
        var options = ChatOptions()
        options.variables = settings.variables
        self.options = options
        try checkRoles()
    }

    /// Refuses a template that leaves out the query or the document: all texts would have the same score.
    private func checkRoles() throws(PipelineError) {
        let prompt: String
        let first: String
        let second: String
        do throws(PipelineError) {
            prompt = try rendered(chat("alpha", "bravo", behind: ""), in: .unbounded).text
            first = try rendered(chat("charlie", "bravo", behind: ""), in: .unbounded).text
            second = try rendered(chat("alpha", "foxtrot", behind: ""), in: .unbounded).text
        } catch {
            throw PipelineError(
                .unsupportedTask, "the model's chat template cannot take a query and a document: \(error.message)")
        }
        for (role, other) in [(Self.roles.query, first), (Self.roles.document, second)] where other == prompt {
            throw PipelineError(
                .unsupportedTask,
                "the model's chat template leaves out messages of the role \"\(role)\"; put one that has both texts of "
                    + "a pair into chat_template.jinja")
        }
    }

    private static let roles = (query: "query", document: "document")

    private func chat(_ query: String, _ text: String, behind prompt: String) -> [ChatMessage] {
        let pair = [message(Self.roles.query, query), message(Self.roles.document, text)]
        return prompt.isEmpty ? pair : [message("system", prompt)] + pair
    }

    private func message(_ role: String, _ text: String) -> ChatMessage {
        switch form {
        case .flat: return ChatMessage(role: role, content: text)
        case .structured:
            let part = JSONObject([("type", .string("text")), ("text", .string(text))])
            return ChatMessage(JSONObject([("role", .string(role)), ("content", .array([.object(part)]))]))
        }
    }

    private func rendered(
        _ chat: [ChatMessage], in scope: RequestScope
    ) throws(PipelineError) -> ChatPrompts.Prompt {
        try prompts.prompt(of: chat, options, beginningAnswer: settings.beginsAnswer, in: scope)
    }

    /// The tokens that the template puts behind a chat, whatever is said in it: those that two chats have in common at
    /// their ends. None if they cannot be told from the rest.
    private func ending(behind prompt: String, in scope: RequestScope) throws(PipelineError) -> [Int32] {
        func ids(_ filler: String) throws(PipelineError) -> [Int32] {
            let input = try rendered(chat(filler, filler, behind: prompt), in: scope).input
            return try encoder.encode(input, truncation: nil, addSpecialTokens: false).ids
        }
        let first = try ids("0")
        let second = try ids("1 2 3 4")
        let count = zip(first.reversed(), second.reversed()).prefix { $0 == $1 }.count
        return count < min(first.count, second.count) ? Array(first.suffix(count)) : []
    }

    /// A query, and the prompts of it with texts.
    struct Query {
        private let chats: PairChats
        private let query: String
        private let prompt: String
        /// The tokens that end each chat, once they are asked for.
        private var knownEnding: [Int32]?

        /// - Parameter prompt: what the system says first; empty if it says nothing
        init(_ query: String, behind prompt: String, _ chats: PairChats) {
            (self.query, self.prompt, self.chats) = (query, prompt, chats)
        }

        /// The tokens of the chat with a text. One that is cut keeps the end that the template gives it, in the place of
        /// its last tokens, as upstream.
        mutating func encoding(
            with text: String, _ arguments: TokenizerArguments, in scope: RequestScope
        ) throws(PipelineError) -> Encoding {
            var arguments = arguments
            // They are in the template.
            arguments.addSpecialTokens = false
            let chat = try chats.rendered(chats.chat(query, text, behind: prompt), in: scope)
            var encoding = try chats.encoder.encode(chat.input, arguments)
            guard chats.settings.keepsEnd, case .some(.cut(_)) = arguments.truncation,
                encoding.count >= arguments.maxLength ?? .max
            else { return encoding }
            let ending = try ending(in: scope)
            let kept = min(ending.count, encoding.count)
            encoding.ids.replaceSubrange(encoding.count - kept..<encoding.count, with: ending.suffix(kept))
            return encoding
        }

        private mutating func ending(in scope: RequestScope) throws(PipelineError) -> [Int32] {
            if let knownEnding { return knownEnding }
            let ending = try chats.ending(behind: prompt, in: scope)
            knownEnding = ending
            return ending
        }
    }
}
