extension Tokenizer {
    /// Turns ids into text. Ids without a token are skipped.
    ///
    /// - Parameter skipSpecialTokens: whether to leave special tokens out.
    public func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
        var decoder = incrementalDecoder(skipSpecialTokens: skipSpecialTokens)
        return decoder.append(contentsOf: ids) + decoder.finish()
    }

    /// The text of tokens by the decoder alone, as `convert_tokens_to_string` gives it: nothing is cleaned up.
    package func text(ofTokens tokens: [String]) -> String {
        var stage = tokenDecoder.makeStage()
        var pieces: [DecodedPiece] = []
        for token in tokens { stage.append(DecodedPiece(text: token), to: &pieces) }
        stage.finish(&pieces)
        return pieces.reduce(into: "") { $0 += $1.text }
    }

    /// Begins to turn ids into text as they come.
    ///
    /// - Parameter skipSpecialTokens: whether to leave special tokens out.
    public func incrementalDecoder(skipSpecialTokens: Bool) -> IncrementalDecoder {
        IncrementalDecoder(self, skipSpecialTokens: skipSpecialTokens, isBehindText: false)
    }

    /// Begins to turn ids into text that goes on with other text: its first word keeps the space in front of it, which
    /// decoders take from the first word of a text.
    ///
    /// - Parameter skipSpecialTokens: whether to leave special tokens out.
    package func incrementalDecoderBehindText(skipSpecialTokens: Bool) -> IncrementalDecoder {
        IncrementalDecoder(self, skipSpecialTokens: skipSpecialTokens, isBehindText: true)
    }
}

/// Turns ids into text as they come, for answers that are shown while they are made.
///
/// The texts that it gives make up, end to end, what ``Tokenizer/decode(_:skipSpecialTokens:)`` gives for all ids. Each
/// consists of whole Unicode scalars, and what a later id could still change is held back.
public struct IncrementalDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecialTokens: Bool
    private var stage: any DecodingStage
    /// True before the first token of a text that goes on with another.
    private var isBehindText: Bool

    fileprivate init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool, isBehindText: Bool) {
        (self.tokenizer, self.skipSpecialTokens, self.isBehindText) = (tokenizer, skipSpecialTokens, isBehindText)
        stage = tokenizer.decoder.makeStage()
    }

    /// The text that the next id adds; often none.
    public mutating func append(_ id: Int32) -> String { append(contentsOf: CollectionOfOne(id)) }

    /// The text that the next ids add.
    public mutating func append(contentsOf ids: some Sequence<Int32>) -> String {
        var pieces: [DecodedPiece] = []
        for id in ids where !(skipSpecialTokens && tokenizer.isSpecial(id)) {
            guard let token = tokenizer.token(of: id) else { continue }
            begin(with: token)
            stage.append(DecodedPiece(text: token), to: &pieces)
        }
        return Self.text(of: pieces)
    }

    /// Has the stage see a token before the first one of a text that goes on with another, if that begins with a space.
    /// Any decoder gives this one out at once.
    private mutating func begin(with token: String) {
        guard isBehindText else { return }
        isBehindText = false
        guard token.hasPrefix("\u{2581}") else { return }
        var pieces: [DecodedPiece] = []
        stage.append(DecodedPiece(text: "a"), to: &pieces)
    }

    /// The text that was held back. There are no more ids; to go on, begin anew.
    public mutating func finish() -> String {
        var pieces: [DecodedPiece] = []
        stage.finish(&pieces)
        return Self.text(of: pieces)
    }

    private static func text(of pieces: [DecodedPiece]) -> String {
        var text = ""
        for piece in pieces { text += piece.text }
        return text
    }
}
