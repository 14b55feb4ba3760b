import PenstockModels
import PenstockTokenizers

/// Turns texts into what the first module of a sentence-transformers checkpoint reads.
struct SentenceTexts: Sendable {
    private let encoder: TextEncoder
    /// The arguments for the tokenizer if a request asks for nothing else.
    private let defaults: TokenizerArguments
    /// The rules of static embeddings; nil for a transformer.
    private let staticTexts: StaticTexts?

    /// The texts of a Transformer module.
    ///
    /// - Parameter role: what texts are, if the model makes a difference
    init(_ settings: TransformerSettings, _ resources: TaskResources, of role: SentenceRole? = nil) {
        encoder = TextEncoder(
            tokenizer: settings.lowercases ? resources.tokenizer.lowercasing() : resources.tokenizer,
            limits: resources.limits)
        defaults = TokenizerArguments(settings, for: encoder, of: role)
        staticTexts = nil
    }

    /// The texts of whatever stands first and makes dense embeddings.
    init(_ input: SentenceModules.Input, _ resources: TaskResources) throws {
        switch input {
        case .transformer:
            self.init(
                try TransformerSettings(directory: resources.checkpoint.origin, for: .embeddings), resources)
        case .staticEmbedding, .model2vec:
            let texts =
                input == .staticEmbedding
                ? StaticTexts(resources.tokenizer)
                : try StaticTexts(model2vec: resources.checkpoint.config, resources.tokenizer)
            self.init(texts, resources)
        }
    }

    /// The texts of static embeddings.
    private init(_ texts: StaticTexts, _ resources: TaskResources) {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
        (defaults, staticTexts) = (texts.arguments(within: resources.limits), texts)
    }

    /// Returns the arguments for the tokenizer for a request.
    ///
    /// - Parameters:
    ///   - truncates: whether those that are too long are cut; nil for what the checkpoint says
    ///   - side: the end at which; nil for what the checkpoint says
    func arguments(truncates: Bool?, side: Truncation.Direction?) -> TokenizerArguments {
        var arguments = defaults
        if let truncates {
            arguments.truncation = truncates ? .cut(.longestFirst) : TokenizerArguments.TruncationRule.none
        }
        arguments.truncationSide = side ?? arguments.truncationSide
        return arguments
    }

    /// A source that an embedding is made of.
    enum Source: Sendable {
        case text(String)
        /// The tokens of a text by their ids.
        case tokens([Int32])
    }

    /// The sequence of a text behind a prompt, of which all tokens are read.
    func input(
        _ source: Source, behind prompt: String, _ arguments: TokenizerArguments, reading readout: Readout
    ) throws(PipelineError) -> ModelInput {
        let text = try text(source, behind: prompt)
        guard let staticTexts else {
            let encoding = try encoder.encode(text, arguments)
            return ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs, reading: readout)
        }
        let ids = try staticTexts.ids(of: text, arguments, encoder)
        return ModelInput(ids: ids, typeIDs: Array(repeating: 0, count: ids.count), reading: readout)
    }

    private func text(_ source: Source, behind prompt: String) throws(PipelineError) -> Tokenizer.Input {
        switch source {
        case .text(let text): return .text(prompt + text)
        case .tokens(let ids):
            if let id = ids.first(where: { $0 < 0 || $0 >= encoder.limits.vocabularySize }) {
                throw PipelineError(
                    .invalidInputs,
                    "the token id \(id) is not one of the \(encoder.limits.vocabularySize) of the model's vocabulary: send "
                        + "texts, or ids of its own tokenizer; LangChain sends texts with check_embedding_ctx_length=False"
                )
            }
            guard !prompt.isEmpty else { return .tokens(ids) }
            return .tokens(try encoder.encode(.text(prompt), truncation: nil, addSpecialTokens: false).ids + ids)
        }
    }

    /// The tokens that a prompt takes at the start of a sequence: all but the special token that ends it.
    func tokens(ofPrompt prompt: String, _ arguments: TokenizerArguments) throws(PipelineError) -> Int {
        // Nothing behind static embeddings asks for it.
        guard staticTexts == nil else { return 0 }
        let encoding = try encoder.encode(.text(prompt), arguments)
        return encoding.specialTokensMask.last == true ? encoding.ids.count - 1 : encoding.ids.count
    }
}

extension TokenizerArguments {
    /// The arguments that a sentence-transformers checkpoint has for the tokenizer. The length of the tokenizer itself counts
    /// within what the model can take, as upstream.
    init(_ settings: TransformerSettings, for encoder: TextEncoder, of role: SentenceRole? = nil) {
        self.init(
            truncation: settings.truncates ? .cut(.longestFirst) : TruncationRule.none,
            maxLength: settings.maxLength(of: role).map { encoder.cutLength($0) } ?? encoder.longest,
            addSpecialTokens: settings.addsSpecialTokens)
        truncationSide = settings.truncationSide
    }
}
