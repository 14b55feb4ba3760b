import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// A text, or a list of texts: what most tasks take. A list is answered with a list.
struct TextInputs: Sendable {
    let texts: [String]
    let isList: Bool

    /// - Parameter name: of the inputs, for messages.
    init(_ inputs: JSONValue, named name: String = "inputs") throws(PipelineError) {
        switch inputs {
        case .string(let text):
            texts = [text]
            isList = false
        case .array(let elements):
            texts = elements.compactMap(\.string)
            isList = true
            if let index = elements.firstIndex(where: { $0.string == nil }) {
                throw PipelineError(
                    .invalidInputs,
                    "\(name) has to be a text or a list of texts, but \(name)[\(index)] is \(elements[index].excerpt)")
            }
            guard !texts.isEmpty else { throw PipelineError(.invalidInputs, "\(name) is an empty list") }
        default:
            throw PipelineError(.invalidInputs, "\(name) has to be a text or a list of texts, not \(inputs.excerpt)")
        }
    }
}

/// How a request wants its texts tokenized, by the arguments of a `transformers` tokenizer.
struct TokenizationOptions: Sendable {
    var truncates = false
    /// Where texts are cut; nil for what the tokenizer says.
    var direction: Truncation.Direction?
    var maxLength: Int?
    var addSpecialTokens = true

    /// Takes the options that stand for tokenizer arguments.
    mutating func take(from parameters: inout Parameters) throws(PipelineError) {
        try takeTruncation(from: &parameters)
        maxLength = try parameters.integer("max_length", atLeast: 1) ?? maxLength
        addSpecialTokens = try parameters.flag("add_special_tokens") ?? addSpecialTokens
    }

    /// Takes `truncation`: a flag or the name of a strategy. All strategies are the same for single texts.
    mutating func takeTruncation(from parameters: inout Parameters) throws(PipelineError) {
        switch parameters.value("truncation") {
        case nil: break
        case .bool(let flag): truncates = flag
        case .string("longest_first"), .string("only_first"): truncates = true
        case .string("do_not_truncate"): truncates = false
        case .some(let value):
            throw parameters.invalid(
                "truncation", "true, false, \"longest_first\", \"only_first\" or \"do_not_truncate\"", value)
        }
    }
}

/// Tokenizes texts within what a model can take.
struct TextEncoder: Sendable {
    let tokenizer: Tokenizer
    let limits: ModelLimits

    /// The tokens of a text.
    ///
    /// - Throws: ``PipelineError`` if they are more than the model takes, or not of its vocabulary.
    func encode(_ text: String, _ options: TokenizationOptions) throws(PipelineError) -> Encoding {
        let encoding: Encoding
        do {
            encoding = try tokenizer.encode(
                text, addSpecialTokens: options.addSpecialTokens, truncation: truncation(options))
        } catch {
            throw PipelineError(unencodable: error)
        }
        guard !encoding.ids.isEmpty else { throw PipelineError(.invalidInputs, "the text has no tokens") }
        guard encoding.ids.count <= limits.tokens else {
            throw PipelineError(
                .inputTooLong,
                "the text has \(encoding.ids.count) tokens, but the model takes at most \(limits.tokens); "
                    + "shorten it or ask for truncation")
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
        return encoding
    }

    private func truncation(_ options: TokenizationOptions) -> Truncation? {
        guard options.truncates else { return nil }
        let maxLength = options.maxLength ?? min(tokenizer.configuration.modelMaxLength ?? .max, limits.tokens)
        let direction = options.direction ?? tokenizer.configuration.truncationSide
        return Truncation(maxLength: maxLength, strategy: .longestFirst, stride: 0, direction: direction)
    }
}
