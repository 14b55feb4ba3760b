import PenstockGrammars
import PenstockTokenizers
import Synchronization

/// Makes matchers of the forms that texts of a model can be asked for, and remembers the last of them.
final class OutputStructures: Sendable {
    private let tokenizer: Tokenizer
    /// Tokens that the model has scores for.
    private let vocabularySize: Int
    /// The model's tokens, found at the first request.
    private let vocabulary = Mutex<TokenVocabulary?>(nil)
    /// The forms that were asked for last, the latest last.
    private let matchers = Mutex<[(structure: OutputStructure, matcher: TokenMatcher)]>([])

    /// Forms that are remembered.
    private static let mostMatchers = 8

    init(tokenizer: Tokenizer, vocabularySize: Int) {
        (self.tokenizer, self.vocabularySize) = (tokenizer, vocabularySize)
    }

    /// The matcher of a form.
    ///
    /// - Throws: ``PipelineError`` for a form that there is no grammar for, and a tokenizer whose tokens are no bytes.
    func matcher(of structure: OutputStructure) throws(PipelineError) -> TokenMatcher {
        if let known = known(structure) { return known }
        let vocabulary = try tokens()
        let matcher: TokenMatcher
        do throws(GrammarError) {
            matcher = TokenMatcher(try structure.grammar(), vocabulary)
        } catch {
            throw PipelineError(structure: error)
        }
        matchers.withLock { matchers in
            if matchers.count >= Self.mostMatchers { matchers.removeFirst() }
            matchers.append((structure, matcher))
        }
        return matcher
    }

    private func known(_ structure: OutputStructure) -> TokenMatcher? {
        matchers.withLock { matchers in
            guard let index = matchers.firstIndex(where: { $0.structure == structure }) else { return nil }
            let entry = matchers.remove(at: index)
            matchers.append(entry)
            return entry.matcher
        }
    }

    private func tokens() throws(PipelineError) -> TokenVocabulary {
        try vocabulary.withLock { (known) throws(PipelineError) in
            if let known { return known }
            let bytes = tokenizer.addedBytes(count: vocabularySize) { tokenizer.isSpecial($0) }
            guard let bytes else {
                throw PipelineError(
                    .invalidParameter,
                    "parameter grammar: the model's tokenizer has a decoder with which a token's text depends on its "
                        + "neighbours, so that no form can be asked for")
            }
            let made = TokenVocabulary(bytes.behindOthers, first: bytes.atStart)
            known = made
            return made
        }
    }
}

extension OutputStructure {
    fileprivate func grammar() throws(GrammarError) -> Grammar {
        switch self {
        case .jsonObject: try .jsonObject()
        case .schema(let schema): try .schema(schema)
        case .regex(let pattern): try .regex(pattern)
        case .choice(let texts): try .choice(of: texts)
        }
    }
}

extension PipelineError {
    /// The error of a form that there is no grammar for, or that is too much work.
    init(structure error: GrammarError) { self.init(.invalidParameter, "parameter grammar: \(error)") }
}
