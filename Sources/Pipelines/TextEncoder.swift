import PenstockModels
import PenstockTokenizers

/// Tokenizes texts within what a model can take.
struct TextEncoder: Sendable {
    let tokenizer: Tokenizer
    let limits: ModelLimits

    /// The tokens of an input.
    ///
    /// - Throws: ``PipelineError`` if they are more than the model takes, or not of its vocabulary.
    func encode(_ input: Tokenizer.Input, _ arguments: TokenizerArguments) throws(PipelineError) -> Encoding {
        try checked(
            encode(input, truncation: truncation(arguments), addSpecialTokens: arguments.addSpecialTokens), arguments)
    }

    /// The tokens of a pair of texts, each of which may stand in several pairs.
    ///
    /// - Throws: as ``encode(_:_:)``.
    func encode(
        _ text: TextTokens, pair: TextTokens, _ arguments: TokenizerArguments
    ) throws(PipelineError) -> Encoding {
        try checked(
            encode(text, pair: pair, truncation: truncation(arguments), addSpecialTokens: arguments.addSpecialTokens),
            arguments)
    }

    private func checked(_ encoding: Encoding, _ arguments: TokenizerArguments) throws(PipelineError) -> Encoding {
        guard !encoding.ids.isEmpty else { throw PipelineError(.invalidInputs, "the text has no tokens") }
        try check(encoding, remedy: remedy(arguments))
        return encoding
    }

    private func remedy(_ arguments: TokenizerArguments) -> String {
        if truncation(arguments) == nil { return "shorten it or ask for truncation" }
        return arguments.maxLength == nil
            ? "model_max_length of its tokenizer, to which it may be cut, is more; set max_length or shorten it"
            : "lower max_length or shorten it"
    }

    /// The tokens of a text that stands in several pairs.
    func tokens(of text: String) throws(PipelineError) -> TextTokens {
        do {
            return try tokenizer.textTokens(text)
        } catch {
            throw PipelineError(unencodable: error)
        }
    }

    /// The tokens of a pair of texts, cut as told.
    func encode(
        _ text: TextTokens, pair: TextTokens, truncation: Truncation?, addSpecialTokens: Bool = true
    ) throws(PipelineError) -> Encoding {
        do {
            return try tokenizer.encode(text, pair: pair, addSpecialTokens: addSpecialTokens, truncation: truncation)
        } catch {
            throw PipelineError(unencodable: error)
        }
    }

    /// The tokens of an input, cut as told.
    func encode(
        _ input: Tokenizer.Input, truncation: Truncation?, addSpecialTokens: Bool = true
    ) throws(PipelineError) -> Encoding {
        do {
            return try tokenizer.encode(input, addSpecialTokens: addSpecialTokens, truncation: truncation)
        } catch {
            throw PipelineError(unencodable: error)
        }
    }

    /// - Throws: ``PipelineError`` if the tokens are more than the model takes, or not of its vocabulary.
    func check(_ encoding: Encoding, remedy: String) throws(PipelineError) {
        guard encoding.ids.count <= limits.tokens else {
            throw PipelineError(
                .inputTooLong,
                "the text has \(encoding.ids.count) tokens, but the model takes at most \(limits.tokens); \(remedy)")
        }
        if let id = encoding.ids.first(where: { $0 < 0 || $0 >= limits.vocabularySize }) {
            throw PipelineError(
                .invalidInputs,
                "the tokenizer gives token \(id), but the model's vocabulary has \(limits.vocabularySize): "
                    + "tokenizer and model do not belong together")
        }
        if let type = encoding.typeIDs.first(where: { $0 < 0 || $0 >= limits.typeVocabularySize }) {
            throw PipelineError(
                .invalidInputs, "the tokenizer gives segment \(type), but the model has \(limits.typeVocabularySize)")
        }
    }

    /// The tokens that a sequence has at most if nobody says so: what the tokenizer is made for and the model takes.
    var longest: Int { min(tokenizer.configuration.modelMaxLength ?? limits.tokens, limits.tokens) }

    /// A length of so many tokens stands for no limit.
    private static let noLimit = Int(Int32.max)

    /// Returns the length that texts are cut to where a checkpoint says one. If the model has no positions for it, it stays,
    /// so that a text of which more would be cut off is refused. No limit is that of the model.
    func cutLength(_ length: Int?) -> Int {
        guard let length, length < Self.noLimit else { return limits.tokens }
        guard let positions = limits.positions, length > positions else { return min(length, limits.tokens) }
        return length
    }

    /// Returns the rule by which texts are cut; nil for not at all.
    func truncation(_ arguments: TokenizerArguments) -> Truncation? {
        // As upstream, a length alone asks for truncation.
        let rule = arguments.truncation ?? (arguments.maxLength == nil ? .none : .cut(.longestFirst))
        guard case .cut(let strategy) = rule else { return nil }
        let usual = arguments.cutsToModel ? longest : cutLength(tokenizer.configuration.modelMaxLength)
        return Truncation(
            maxLength: arguments.maxLength ?? usual, strategy: strategy,
            direction: arguments.truncationSide ?? tokenizer.configuration.truncationSide)
    }
}
