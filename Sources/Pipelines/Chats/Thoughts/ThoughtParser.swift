/// Tells thoughts at the beginning of an answer from the answer behind them, as both come.
///
/// White space around the thoughts belongs to neither. Nothing is held back but that, and what may be a mark.
package struct ThoughtParser: Sendable {
    /// A part of an answer.
    package enum Piece: Sendable, Equatable {
        case thought(String)
        case text(String)
    }

    private enum Place {
        /// In front of the first mark.
        case beginning
        /// Behind the first mark, in front of the first word.
        case opened
        case thought
        /// Behind the last mark, in front of the first word.
        case closed
        case text
    }

    /// Tokens of thoughts and of their marks, of texts that came by the token.
    package private(set) var tokens = 0
    private let opener: [UInt8]
    private let closer: [UInt8]
    private var place: Place
    /// White space, and behind it what may be a mark.
    private var held: [UInt8] = []
    /// Bytes of the mark that was read, at the end of what is held.
    private var matched = 0
    /// A part that is certain, and belongs together.
    private var words: [UInt8] = []

    /// - Parameter isOpen: whether the prompt ends with the first mark, so that the answer begins with thoughts
    package init(_ format: ThoughtFormat, isOpen: Bool) {
        (opener, closer) = (Array(format.opener.utf8), Array(format.closer.utf8))
        place = isOpen ? .opened : .beginning
    }

    /// Returns what is certain with the next part of the answer.
    package mutating func append(_ text: String) -> [Piece] {
        var pieces: [Piece] = []
        for byte in text.utf8 { read(byte, &pieces) }
        tell(&pieces)
        return pieces
    }

    /// Returns what is certain with the part of the answer that the next token adds.
    package mutating func append(token text: String) -> [Piece] {
        let wasThinking = isThinking
        let pieces = append(text)
        if wasThinking || isThinking { tokens += 1 }
        return pieces
    }

    private var isThinking: Bool { place == .opened || place == .thought }

    /// Returns what was held back. There is no more text.
    package mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        // White space behind thoughts is nothing, but may be all of an answer.
        if place == .beginning || matched > 0 { words += held }
        held = []
        tell(&pieces)
        place = .text
        return pieces
    }

    /// Returns the thoughts of an answer, and the text behind them.
    package static func parse(_ text: String, by parser: ThoughtParser) -> (thoughts: String, text: String) {
        var (parser, thoughts, words) = (parser, "", "")
        for piece in parser.append(text) + parser.finish() {
            switch piece {
            case .thought(let part): thoughts += part
            case .text(let part): words += part
            }
        }
        return (thoughts, words)
    }

    private mutating func read(_ byte: UInt8, _ pieces: inout [Piece]) {
        switch place {
        case .beginning:
            if reads(byte, of: opener) {
                if matched == opener.count { pass(to: .opened) }
            } else if matched == 0, byte.isWhiteSpace {
                held.append(byte)
            } else {
                words += held
                words.append(byte)
                pass(to: .text)
            }
        case .opened:
            guard !byte.isWhiteSpace else { return }
            place = .thought
            readThought(byte, &pieces)
        case .thought: readThought(byte, &pieces)
        case .closed:
            guard !byte.isWhiteSpace else { return }
            place = .text
            words.append(byte)
        case .text: words.append(byte)
        }
    }

    private mutating func readThought(_ byte: UInt8, _ pieces: inout [Piece]) {
        if !reads(byte, of: closer), matched > 0 {
            // It was no mark, and the byte may begin another: the first byte of a mark stands nowhere else in it.
            words += held
            (held, matched) = ([], 0)
            if reads(byte, of: closer) { return }
        }
        if matched == closer.count {
            tell(&pieces)
            pass(to: .closed)
        } else if matched == 0 {
            if byte.isWhiteSpace {
                held.append(byte)
            } else {
                words += held
                words.append(byte)
                held = []
            }
        }
    }

    /// Tells whether a byte is the next one of a mark, and holds it back then.
    private mutating func reads(_ byte: UInt8, of mark: [UInt8]) -> Bool {
        guard matched < mark.count, byte == mark[matched] else { return false }
        matched += 1
        held.append(byte)
        return true
    }

    private mutating func pass(to next: Place) { (place, held, matched) = (next, [], 0) }

    /// Adds the words that are certain.
    private mutating func tell(_ pieces: inout [Piece]) {
        guard !words.isEmpty else { return }
        let text = String(decoding: words, as: UTF8.self)
        words = []
        pieces.append(place == .thought ? .thought(text) : .text(text))
    }
}
