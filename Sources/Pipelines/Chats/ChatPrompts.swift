import PenstockCheckpoints
import PenstockJSON
import PenstockTemplates
import PenstockTokenizers

/// Makes prompts of chats, by the chat templates of a checkpoint.
struct ChatPrompts: Sendable {
    /// A template that cannot be used hurts only the chats that ask for it.
    private let templates: Result<ChatTemplates, PipelineError>
    /// Why there are none, for whoever loaded the model: it may name files, which are no business of clients.
    private let fault: String?
    private let control: [String: ControlTokens]
    /// The forms of calls of tools by template, of those whose form is known.
    private let toolCallFormats: [String: ToolCallFormat]
    /// The marks of thoughts by template, of those that know some.
    private let thoughtFormats: [String: ThoughtFormat]
    private let specialTokens: [(name: String, token: String)]
    /// True if upstream reads more out of the answer to a chat than its text, by `response_template`.
    let hasResponseTemplate: Bool

    init(_ checkpoint: Checkpoint, _ tokenizer: Tokenizer) throws(CheckpointError) {
        do {
            (templates, fault) = (.success(try ChatTemplates(checkpoint)), nil)
        } catch {
            let words = (error as? TemplateError).map { ": \($0)" } ?? ""
            templates = .failure(
                PipelineError(.unsupportedTask, "the model's chat templates cannot be read\(words)"))
            fault = "\(error)"
        }
        var control: [String: ControlTokens] = [:]
        var formats: [String: ToolCallFormat] = [:]
        var thoughts: [String: ThoughtFormat] = [:]
        if let all = try? templates.get() {
            for name in all.names {
                guard let literals = (try? all.template(named: name))?.literals else { continue }
                control[name] = tokenizer.controlTokens(of: literals)
                formats[name] = ToolCallFormat(literals: literals)
                thoughts[name] = ThoughtFormat(literals: literals)
            }
        }
        self.control = control
        (toolCallFormats, thoughtFormats) = (formats, thoughts)
        specialTokens = tokenizer.configuration.specialTokens
        hasResponseTemplate = try checkpoint.configFile("tokenizer_config.json")?["response_template"] != nil
    }

    /// The faults of templates, for whoever loaded the model.
    var warnings: [String] {
        guard let templates = try? templates.get() else { return ["there are no chats: \(fault ?? "")"] }
        return templates.names.compactMap { name in
            do throws(TemplateError) {
                _ = try templates.template(named: name)
                return nil
            } catch {
                return "there are no chats by a template: \(PipelineError(error, of: name).message)"
            }
        }
    }

    /// True if there is a template.
    var hasTemplates: Bool { (try? templates.get())?.names.isEmpty == false }

    /// True if there is none, not even one that cannot be read.
    var hasNoTemplate: Bool { (try? templates.get())?.names.isEmpty == true }

    /// The form of calls of tools in answers to a chat that has tools; nil if it is not known.
    func toolCallFormat(_ options: ChatOptions) -> ToolCallFormat? {
        guard let templates = try? templates.get() else { return nil }
        return toolCallFormats[templates.name(options.template, hasTools: true)]
    }

    /// The marks of thoughts in answers to a chat; nil if the model is not known to think.
    func thoughtFormat(_ options: ChatOptions) -> ThoughtFormat? {
        guard let templates = try? templates.get() else { return nil }
        return thoughtFormats[templates.name(options.template, hasTools: options.tools != nil)]
    }

    /// The source of the template that is meant without a name; nil if there is none that can be used.
    ///
    /// - Parameter hasTools: whether it is for a chat with tools
    func source(hasTools: Bool) -> String? {
        (try? templates.get()).flatMap { try? $0.template(hasTools: hasTools).source }
    }

    /// The text of a token that has a name in the settings of the tokenizer, such as `bos_token`; nil if none has it.
    func specialToken(_ name: String) -> String? { specialTokens.first { $0.name == name }?.token }

    /// A prompt that was made of a chat.
    struct Prompt: Sendable {
        /// Its words, and which of them are those of the template.
        let pieces: [PromptPiece]
        fileprivate let control: ControlTokens
        fileprivate let thoughts: ThoughtFormat?
        /// The message that the model goes on with; nil if it begins one.
        fileprivate let continued: ChatMessage?

        /// As the tokenizer takes it.
        var input: Tokenizer.Input { .prompt(pieces, control) }
        /// The whole of it.
        var text: String { pieces.reduce(into: "") { $0 += $1.text } }
        /// The thought that the template has begun for the model, or ended.
        var thought: PromptThought {
            guard let thoughts else { return .ended }
            if let continued { return thoughts.isOpen(in: continued.content ?? "") ? .begun : .ended }
            let text = Array(text.utf8)
            let end = text.lastIndex { !$0.isWhiteSpace }.map { $0 + 1 } ?? 0
            func ends(with mark: String) -> Bool { text[..<end].suffix(mark.utf8.count).elementsEqual(mark.utf8) }
            return ends(with: thoughts.opener) ? .begun : ends(with: thoughts.closer) ? .ended : .possible
        }
    }

    /// Makes the prompt of a chat.
    ///
    /// - Parameters:
    ///   - begins: whether it ends with the beginning of an answer, unless the model goes on with the last message
    ///   - scope: asked while the template is rendered
    /// - Throws: ``PipelineError`` for what a template refuses, and if there is none.
    func prompt(
        of chat: [ChatMessage], _ options: ChatOptions, beginningAnswer begins: Bool = true, in scope: RequestScope
    ) throws(PipelineError) -> Prompt {
        let templates = try templates.get()
        let name = templates.name(options.template, hasTools: options.tools != nil)
        var input = ChatInput(messages: chat.map { .object($0.fields) }, now: .now)
        (input.tools, input.documents, input.variables) = (options.tools, options.documents, options.variables)
        input.specialTokens = specialTokens
        let goesOn = options.goesOn(with: chat)
        input.continueFinalMessage = goesOn ? "content" : nil
        input.addGenerationPrompt = begins && !goesOn
        do throws(TemplateError) {
            let template = try templates.template(named: options.template, hasTools: options.tools != nil)
            let rendered = try template.render(input) { scope.isWanted }
            return Prompt(
                pieces: rendered.pieces.map { PromptPiece($0.text, isTrusted: $0.isTrusted) },
                // Each template that can be read has some.
                control: control[name] ?? ControlTokens(), thoughts: thoughtFormats[name],
                continued: goesOn ? chat.last : nil)
        } catch {
            throw PipelineError(error, of: name)
        }
    }
}

extension ChatOptions {
    /// Tells whether the model goes on with the last message of a chat.
    func goesOn(with chat: [ChatMessage]) -> Bool { continueFinalMessage ?? (chat.last?.role == "assistant") }
}

extension PipelineError {
    /// Scalars of the longest message of a template, which a request may have written.
    private static let longestMessage = 500

    /// An error of the template of a name.
    fileprivate init(_ error: TemplateError, of name: String) {
        let message = error.description.cut(after: Self.longestMessage)
        switch error.code {
        case .syntax, .unsupported:
            self.init(.unsupportedTask, "the model's chat template '\(name)' cannot be used: \(message)")
        case .abandoned: self.init(.abandoned, error.message)
        case .messages: self.init(.invalidInputs, message)
        case .raised:
            self.init(
                .invalidInputs,
                "the model's chat template refuses the chat: \(error.message.cut(after: Self.longestMessage))")
        case .evaluation, .undefined, .limit:
            self.init(.invalidInputs, "the model's chat template '\(name)' cannot render the chat: \(message)")
        }
    }
}
