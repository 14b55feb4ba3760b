/// A prompt that a template rendered, in pieces that say where their words come from.
///
/// Only in trusted pieces do the names of special tokens mean those tokens: in the others, which come from messages,
/// tools, documents and variables of a request, they are text.
public struct RenderedPrompt: Sendable, Equatable {
    /// A part of a prompt.
    public struct Piece: Sendable, Equatable {
        /// The words.
        public let text: String
        /// True if the words are those of the template or a special token that it was given.
        public let isTrusted: Bool
    }

    /// The pieces in their order: no empty one, and no two neighbours that are alike in trust.
    public let pieces: [Piece]

    /// The whole prompt.
    public var text: String { pieces.reduce(into: "") { $0 += $1.text } }

    init(_ text: TracedText) {
        pieces = text.parts.map { Piece(text: text[$0.range].string, isTrusted: $0.isTrusted) }
    }
}
