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
    private let forms = Mutex(Forms())
    /// Rings whenever a matcher was made, or could not be.
    private let bell = Bell()

    private struct Forms {
        /// The forms that were asked for last, the latest last, with their matchers or why there are none.
        var made: [(structure: OutputStructure, result: Result<TokenMatcher, PipelineError>)] = []
        /// The forms whose matchers are being made.
        var inTheMaking: [OutputStructure] = []
    }

    /// Forms that are remembered.
    private static let mostForms = 8

    init(tokenizer: Tokenizer, vocabularySize: Int) {
        (self.tokenizer, self.vocabularySize) = (tokenizer, vocabularySize)
    }

    /// The matcher of a form, which is made once: whoever asks for it meanwhile waits.
    ///
    /// - Throws: ``PipelineError`` for a form that there is no grammar for, a tokenizer whose tokens are no bytes, and
    ///   when the task is cancelled while it waits.
    func matcher(of structure: OutputStructure) async throws(PipelineError) -> TokenMatcher {
        while true {
            let rings = bell.rings
            switch start(structure) {
            case .known(let result): return try result.get()
            case .own: return try make(structure).get()
            case .others: await bell.wait(beyond: rings)
            }
            if Task.isCancelled { throw PipelineError(.abandoned, "nobody waits for the answer any more") }
        }
    }

    private enum Start {
        case known(Result<TokenMatcher, PipelineError>)
        /// It is to be made here.
        case own
        /// It is being made for others.
        case others
    }

    private func start(_ structure: OutputStructure) -> Start {
        forms.withLock { forms in
            if let index = forms.made.firstIndex(where: { $0.structure == structure }) {
                let entry = forms.made.remove(at: index)
                forms.made.append(entry)
                return .known(entry.result)
            }
            if forms.inTheMaking.contains(structure) { return .others }
            forms.inTheMaking.append(structure)
            return .own
        }
    }

    private func make(_ structure: OutputStructure) -> Result<TokenMatcher, PipelineError> {
        let result = Result { () throws(PipelineError) in
            let vocabulary = try tokens()
            do throws(GrammarError) {
                return TokenMatcher(try structure.grammar(), vocabulary)
            } catch {
                throw PipelineError(structure: error)
            }
        }
        forms.withLock { forms in
            forms.inTheMaking.removeAll { $0 == structure }
            if forms.made.count >= Self.mostForms { forms.made.removeFirst() }
            forms.made.append((structure, result))
        }
        bell.ring()
        return result
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
